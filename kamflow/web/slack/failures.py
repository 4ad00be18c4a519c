"""How a call to Slack can fail, and what the log says of it: never an address, which may hold a ticket."""

import aiohttp
from slack_sdk.errors import SlackApiError

# The last two: the SDK stumbles over a body that is no JSON object.
FAILURES = (SlackApiError, aiohttp.ClientError, OSError, TimeoutError, AttributeError, ValueError)


def named(error: Exception) -> str:
    """Slack's own word, else the kind of error."""
    data = getattr(error.response, "data", None) if isinstance(error, SlackApiError) else None
    return str(data.get("error")) if isinstance(data, dict) else type(error).__name__
