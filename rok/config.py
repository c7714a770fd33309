"""The configuration of `rok`: where the API is and who is asking."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rok.contexts import choose
from rok.errors import ExitCode, RokError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFAULT_URL = "http://localhost:8080"
DEFAULT_USER = "system:admin"
FILE_NAMES = ("rok.yaml", "krakectl.yaml")
"""Names that are looked for in each folder, in this order; the second is the original Krake's."""

_KEYS = ("api_url", "user", "namespace", "token", "token_file")


@dataclass(frozen=True, slots=True)
class Tls:
    """How an encrypted connection is made; empty paths leave it to the system's defaults."""

    enabled: bool | None = None
    client_ca: str = ""
    client_cert: str = ""
    client_key: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """Where the API is, who asks, and which file said so."""

    api_url: str = DEFAULT_URL
    user: str = DEFAULT_USER
    token: str = field(default="", repr=False)
    token_file: str = ""
    """File with the token, where the configuration does not hold it itself."""
    tls: Tls = field(default_factory=Tls)
    namespace: str = ""
    """From the environment or a context; empty means the user's own namespace."""
    insecure: bool = False
    """Whether a token may be sent over plain HTTP to another machine."""
    context: str = ""
    """Name of the context in effect; empty for the file's own settings."""
    source: str = "built-in defaults"
    warning: str = ""

    @property
    def default_namespace(self) -> str:
        """The namespace that commands use without `-n`."""
        return self.namespace or self.user


def candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    """Every place where a configuration file may be, most important first."""
    home = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    for folder in (Path(), home, Path("/etc/rok"), Path("/etc/krakectl")):
        for name in FILE_NAMES:
            yield folder / name


def load_config(explicit: str | None, environ: Mapping[str, str], context: str | None = None) -> Config:
    """Read the configuration: `explicit` or `ROK_CONFIG`, else the first file found, else defaults.

    `ROK_API_URL`, `ROK_NAMESPACE`, `ROK_CA_FILE` and `ROK_CONTEXT` win over the file, `context` over all.

    Raises:
        RokError: the file cannot be read or says something that `rok` does not know.
    """
    named = explicit or environ.get("ROK_CONFIG")
    path = Path(named) if named else next((path for path in candidates(environ) if path.is_file()), None)
    content = read_file(path) if path else {}
    name, chosen = choose(content, context or environ.get("ROK_CONTEXT"), path)
    config = _parse(content if chosen is None else chosen, path, name) if path else Config()
    config = replace(
        config,
        api_url=environ.get("ROK_API_URL") or config.api_url,
        namespace=environ.get("ROK_NAMESPACE") or config.namespace,
        tls=replace(config.tls, client_ca=environ.get("ROK_CA_FILE") or config.tls.client_ca),
        insecure=environ.get("ROK_INSECURE", str(config.insecure)).lower() in ("1", "true", "yes"),
    )
    return _with_scheme(config)


def _refuse(path: Path, why: str) -> RokError:
    return RokError(
        f"Cannot use the configuration {path}",
        code=ExitCode.USAGE,
        why=why,
        fix=f"Known keys: {', '.join(_KEYS)}, insecure, tls (enabled, client_ca, client_cert, client_key)",
    )


def read_file(path: Path) -> dict[str, Any]:
    """The content of a configuration file.

    Raises:
        RokError: it cannot be read, or is no mapping.
    """
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a text file"
        raise RokError(
            f"Cannot read the configuration file {path}",
            code=ExitCode.USAGE,
            why=str(reason),
            fix="Check --config and the environment variable ROK_CONFIG",
        ) from None
    except yaml.YAMLError as error:
        raise _refuse(path, f"It is not valid YAML: {' '.join(str(error).split())}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise _refuse(path, "It has to be a mapping of keys to values")
    return content


def _parse(content: dict[str, Any], path: Path, context: str) -> Config:
    tls = content.pop("tls", None) or {}
    if not isinstance(tls, dict):
        raise _refuse(path, "tls has to be a mapping")
    enabled = tls.pop("enabled", None)
    if enabled is not None and not isinstance(enabled, bool):
        raise _refuse(path, "tls.enabled has to be true or false")
    insecure = content.pop("insecure", None) or False
    if not isinstance(insecure, bool):
        raise _refuse(path, "insecure has to be true or false")
    texts = _texts(content, _KEYS, path)
    tls_texts = _texts(tls, ("client_ca", "client_cert", "client_key"), path, prefix="tls.")
    if texts.get("token") and texts.get("token_file"):
        raise _refuse(path, "It names both a token and a token_file")
    encryption = Tls(enabled, **tls_texts)
    return Config(**texts, tls=encryption, insecure=insecure, source=str(path), context=context)


def _texts(content: dict[str, Any], known: tuple[str, ...], path: Path, prefix: str = "") -> dict[str, str]:
    """The entries that have a value, or an error that names what is unknown or no text."""
    unknown = [f"{prefix}{key}" for key in content if key not in known]
    if unknown:
        raise _refuse(path, f"Unknown keys: {', '.join(unknown)}")
    wrong = [f"{prefix}{key}" for key, value in content.items() if not isinstance(value, str | None)]
    if wrong:
        raise _refuse(path, f"It has to be a text: {', '.join(wrong)}")
    return {key: value for key, value in content.items() if value}


def _with_scheme(config: Config) -> Config:
    """Make the URL's scheme agree with `tls.enabled`, as the original CLI does, with a warning.

    Encryption is only ever added: a token or name must not travel in clear because of a contradiction.
    """
    scheme, separator, rest = config.api_url.partition("://")
    if not separator or scheme not in ("http", "https") or not rest:
        raise RokError(
            f"{config.api_url!r} is not the address of an API",
            code=ExitCode.USAGE,
            why=f"api_url comes from {config.source} or ROK_API_URL",
            fix=f"Use an address such as {DEFAULT_URL}",
        )
    config = replace(config, api_url=config.api_url.rstrip("/"))
    if config.tls.enabled and scheme == "http":
        warning = "WARNING: API endpoint forced to scheme 'https', as TLS is enabled"
        return replace(config, api_url=f"https://{rest.rstrip('/')}", warning=warning)
    return config
