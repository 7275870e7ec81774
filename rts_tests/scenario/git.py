"""Git itself, for what is not read or written directly. Its configuration is that of the repository alone."""

import os
import subprocess
from collections.abc import Mapping, Sequence

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario.commits import Change

_KEPT = ("PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "NIX_LD", "NIX_LD_LIBRARY_PATH")


def clean_environment(identity: tuple[str, str] | None = None) -> dict[str, str]:
    """The environment of a git that reads nobody's configuration. `identity` is a name and an address."""
    environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environ |= {"LC_ALL": "C", "HOME": "/", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    for role in ("AUTHOR", "COMMITTER") if identity is not None else ():
        environ[f"GIT_{role}_NAME"], environ[f"GIT_{role}_EMAIL"] = identity or ("", "")
    return environ


def git(*arguments: str, cwd: str, environ: Mapping[str, str]) -> str:
    """Run git; return what it says. Raises `UseError` if git cannot be started or fails."""
    try:
        done = subprocess.run(
            ("git", *arguments), cwd=cwd, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except (OSError, ValueError) as error:
        raise UseError.at("git", f"cannot be started: {error}", "install git, or put it on PATH") from None
    if done.returncode:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise UseError.at("git", f"`git {arguments[0]}`: {last}", "correct the repository in the scenario")
    return done.stdout.decode(errors="surrogateescape")


def empty_repository(path: str, object_format: str) -> None:
    """Make a bare repository as git's own templates have it, but without the samples of hooks. Raises `UseError`."""
    parent, name = os.path.split(path)
    environ = clean_environment()
    git("init", "--quiet", "--bare", f"--object-format={object_format}", name, cwd=parent, environ=environ)
    hooks = f"{path}/hooks"
    for sample in os.listdir(hooks) if os.path.isdir(hooks) else ():
        if sample.endswith(".sample"):
            os.unlink(f"{hooks}/{sample}")


def commit_all(sequence: Sequence[Change], bare: str, work: str, object_format: str, identity: tuple[str, str]) -> None:
    """Make these commits in the new folder `work` and push them to `bare`. Raises `UseError`, `OSError`."""
    environ = clean_environment(identity)
    os.mkdir(work)
    git("init", "--quiet", f"--object-format={object_format}", cwd=work, environ=environ)
    for change in sequence:
        if change.base is None:
            git("symbolic-ref", "HEAD", f"refs/heads/{change.branch}", cwd=work, environ=environ)
        else:
            git("checkout", "--quiet", change.base, "--", cwd=work, environ=environ)
            if change.branch != change.base:
                git("checkout", "--quiet", "-b", change.branch, cwd=work, environ=environ)
        if change.message is None:
            continue
        for file in change.files:
            path = f"{work}/{file.path}"
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as opened:
                opened.write(file.content.encode("utf-8", "surrogatepass"))
            if change.executable:
                os.chmod(path, 0o755)  # noqa: S103  it is a hook script
        git("add", ".", cwd=work, environ=environ)
        git("commit", "--quiet", "-m", change.message, cwd=work, environ=environ)
    git("push", "--quiet", bare, "--all", cwd=work, environ=environ)
