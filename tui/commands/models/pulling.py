"""``mneme models pull``: the one command that goes out to a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import transfer
from tui.process import exit_codes
from tui.text import show

if TYPE_CHECKING:
    from agent.models.pulling.pull import Plan, Pulled

Id = Annotated[
    str, typer.Argument(metavar="ID", help="The model's id on the hub, like owner/name.", show_default=False)
]
Revision = Annotated[
    str | None, typer.Option("--revision", metavar="REV", help="A branch, a tag or a commit. Without: main.")
]
Pickles = Annotated[bool, typer.Option("--pickles", help="Take pickled weights where there are no others.")]
Timeout = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", min=0.1, max=600, help="How long the hub may be silent.")
]


def pull(
    name: Id,
    revision: Revision = None,
    pickles: Pickles = False,
    timeout: Timeout = 10.0,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Download a model. The only command that goes to a hub.

    Takes what is needed (safetensors, tokenizer, configuration), verifies every file, goes on where it was
    interrupted, and puts it where the hub's own tools keep theirs. HF_ENDPOINT names another hub, HF_HOME another
    folder, HF_TOKEN your access token. Exit code 1: a file is not what the hub says it is, and was thrown away.

    \b
    mneme models pull Qwen/Qwen3-0.6B
    mneme models pull Qwen/Qwen3-0.6B --revision c1899de
    """
    from agent.models.pulling.fetching import Mismatch
    from agent.models.pulling.hub import Hub
    from agent.models.pulling.pull import carry_out, plan

    open_settings(home, profile)
    hub = Hub.of_environment(timeout)
    show.say(f"Asking {hub.host} for {name}.")
    made = plan(hub, name, revision, pickles=pickles)
    show.say(_announcement(made))
    try:
        with transfer(f"downloading {name}") as watch:
            pulled = carry_out(hub, made, watch)
    except Mismatch as error:
        show.say(f"mneme: {error}")
        raise typer.Exit(exit_codes.FAILED) from None
    except KeyboardInterrupt:
        show.say("Interrupted. What has come is kept: the same command goes on from there.")
        raise
    if as_json:
        show.document(_document(pulled))
        return
    show.line(pulled.name)
    show.say(_conclusion(pulled))


def _announcement(made: Plan) -> str:
    already = f", {show.size(made.here)} of it here already" if made.here else ""
    licence = f", licence {made.licence}" if made.licence else ""
    return (
        f"{show.count(len(made.files), 'file')}, {show.size(made.bytes)}{already}; commit {made.commit[:12]}{licence}."
    )


def _conclusion(pulled: Pulled) -> str:
    if pulled.remark:
        return f"Every file is verified, but it cannot be used: it {pulled.remark}."
    return f"Every file is verified. Choose it: mneme models use {pulled.name}"


def _document(pulled: Pulled) -> dict[str, Any]:
    return {
        "name": pulled.name,
        "path": str(pulled.path),
        "commit": pulled.commit,
        "bytes": pulled.bytes,
        "licence": pulled.licence,
        "usable": not pulled.remark,
        "remark": pulled.remark,
    }
