"""How often somebody may try."""

from limits import parse

from kamflow.web.limits import Limits, network

THREE = parse("3 per minute")


class Clock:
    at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_after_the_last_try_one_has_to_wait_until_the_window_has_passed() -> None:
    clock = Clock()
    limits = Limits(clock)
    assert [limits.hit(THREE, "x", "a") for _ in range(5)] == [True, True, True, False, False]
    assert limits.spent(THREE, "x", "a")
    assert not limits.spent(THREE, "x", "b")
    assert not limits.spent(THREE, "y", "a")

    clock.at += 61
    assert limits.spent(THREE, "x", "a")  # what was just now still counts in part
    clock.at += 30
    assert limits.hit(THREE, "x", "a")
    clock.at += 120
    assert [limits.hit(THREE, "x", "a") for _ in range(4)] == [True, True, True, False]


def test_an_attack_from_everywhere_does_not_fill_the_memory() -> None:
    limits = Limits(most=100)
    for number in range(10_000):
        limits.hit(THREE, "x", f"10.{number // 65536}.{number // 256 % 256}.{number % 256}")

    assert len(limits._windows) == 100


def test_of_an_ipv6_address_the_network_counts() -> None:
    limits = Limits()
    seen = [limits.hit(THREE, "x", f"2001:db8:1:2:{number}::1") for number in range(5)]

    assert seen == [True, True, True, False, False]
    assert limits.hit(THREE, "x", "2001:db8:1:3::1")
    assert network("::ffff:192.0.2.7") == network("192.0.2.7") == "192.0.2.7"
    assert network("fe80::1%eth0") == "fe80::/64"
    assert network("kruse") == "kruse"
