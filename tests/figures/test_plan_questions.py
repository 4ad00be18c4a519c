"""What the account plan asks: six questions about the account, eighteen about the own position."""

from collections import Counter

from kamflow.figures import plan_questions as asked


def test_there_are_six_and_eighteen_questions():
    assert len(asked.ABOUT_THE_ACCOUNT) == 6
    assert len(asked.OWN_POSITION) == 18
    assert Counter(each.part for each in asked.OWN_POSITION) == {"business": 10, "products": 8}


def test_every_question_has_a_code_of_its_own_and_words_in_both_languages():
    everything = (*asked.QUESTIONS, *asked.SUMMARY_PROMPTS, *asked.COOPERATION_TOPICS)
    for words in ("key", "de", "en"):
        assert len({getattr(each, words) for each in everything}) == len(everything)
    assert all(each.code.isascii() and each.code == each.code.lower() for each in everything)
    assert all(each.sentence("de").endswith("?") and each.en.endswith("?") for each in asked.QUESTIONS)
    assert asked.BY_KEY["2.finances"].sentence("en") == asked.ABOUT_THE_ACCOUNT[2].en


def test_the_summary_has_a_challenge_goals_and_three_of_each():
    codes = [each.code.rpartition("_")[0] or each.code for each in asked.SUMMARY_PROMPTS]
    assert Counter(codes) == {"challenge": 1, "goals": 1, "contact": 3, "measure": 3, "request": 3}
