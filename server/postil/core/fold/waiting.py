"""How prompts that wait change the state."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.fold.skills import skill_given
from postil.core.fold.sources import note_read
from postil.core.messages import Remark, UserMessage
from postil.core.origin import Source
from postil.core.prompted import own_words, prompt_text
from postil.core.state import State, Workflow


def queued(state: State, event: ev.PromptQueued, _: ev.Recorded) -> None:
    """Keep what waits, in its place where it waits already."""
    workflow = state.workflow
    if any(it.id == event.id for it in workflow.queue):
        workflow.queue = tuple(event if it.id == event.id else it for it in workflow.queue)
    else:
        workflow.queue = (*workflow.queue, event)


def taken_back(state: State, event: ev.PromptTakenBack, _: ev.Recorded) -> None:
    """Let it wait no longer."""
    waits_no_longer(state.workflow, event.prompt_id)
    if state.workflow.turn is not None:
        state.workflow.turn.joining = ()


def steered(state: State, event: ev.PromptSteered, record: ev.Recorded) -> None:
    """Let the model read it next, in the turn that runs."""
    waits_no_longer(state.workflow, event.prompt.turn_id)
    turn = state.workflow.turn_of(event.turn_id)
    if turn is None:
        return
    take_prompt(state, turn.id, event.prompt, turn.joining, record)
    turn.joining = ()


def waits_no_longer(workflow: Workflow, prompt_id: str) -> None:
    """Take a prompt out of what waits; one that does not wait is none of it."""
    if workflow.queue:
        workflow.queue = tuple(it for it in workflow.queue if it.id != prompt_id)


def take_prompt(
    state: State,
    turn_id: str,
    prompt: ev.PromptReceived,
    remarks: tuple[Remark, ...],
    record: ev.Recorded,
) -> None:
    """Make a prompt the next message, with what hooks said of it, what it brings of others' words, and its skill."""
    text, own = prompt_text(prompt, remarks), len(own_words(prompt))
    state.conversation.messages.append(UserMessage(text=text, words=own if own < len(text) else None))
    if prompt.context:
        root = next(iter(state.workflow.roots), "")
        foreign = (source for it in prompt.context for source in it.sources)
        note_read(state, [Source(origin="workspace", name=root), *foreign], record)
    if prompt.skill is not None:
        skill_given(state, turn_id, prompt.skill, record)
