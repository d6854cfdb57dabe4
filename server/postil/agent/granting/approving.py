"""What a session asks of servers that the workspace names: once for each definition, and without waiting for the answer."""

from __future__ import annotations

from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.core.errors import ProtocolError
from postil.core.events import QuestionAsked
from postil.core.ports.servers import AskedServer
from postil.core.question import Option, Question
from postil.core.submissions import Answer

TITLE = "Start this server of tools?"
START, LEAVE = "start", "leave"
OPTIONS = (
    Option(id=START, title="Start it in this workspace", kind="choice"),
    Option(id=LEAVE, title="Leave it off", kind="choice"),
)


async def ask(emitter: Emitter, parts: Parts, questions: Questions) -> None:
    """Ask about what nobody has decided, and take back what somebody decided elsewhere."""
    undecided = await parts.servers.undecided()
    wanted = {it.fingerprint for it in undecided}
    asked: set[str] = set()
    for question_id, open_ in list(emitter.state.workflow.questions.items()):
        if open_.question.kind != "server":
            continue
        if wanted.issuperset(open_.question.about):
            asked.update(open_.question.about)
        else:
            await questions.take_back(question_id)
    if not parts.interactive:
        return
    for server in undecided:
        if server.fingerprint not in asked:
            question = _question(parts.ids.new("question"), server)
            await emitter.emit(QuestionAsked(turn_id=None, question=question), sync=True)


async def answered(question: Question, answer: Answer, parts: Parts, questions: Questions) -> None:
    """Keep the answer, then record it. Raises ProtocolError where it cannot be kept; the question stays open then."""
    questions.check(answer)
    try:
        for fingerprint in question.about:
            await parts.servers.decide(fingerprint, answer.face, start=answer.option_id == START)
    except OSError as error:
        raise ProtocolError(
            f"Your answer could not be kept: {error.strerror or error}.",
            "See to it that Postil's state folder can be written, and answer again.",
        ) from error
    await questions.answer(answer)


def _question(question_id: str, server: AskedServer) -> Question:
    return Question(
        id=question_id,
        kind="server",
        title=TITLE,
        subject=server.subject,
        facts=server.facts,
        options=OPTIONS,
        about=(server.fingerprint,),
    )
