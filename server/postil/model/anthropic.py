"""The Model port over the Anthropic SDK: its client and credentials, the raw events of its streams."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from postil.config.load import user_config_dir
from postil.core.errors import ConfigurationError, ModelError
from postil.core.ports import ModelLimits, ModelPiece, ModelRequest, Price
from postil.model import catalog
from postil.model.assembly import Assembly
from postil.model.connect import connect
from postil.model.faults import from_exception
from postil.model.flow import flow
from postil.model.keys import Keys
from postil.model.retry import Backoff, retrying
from postil.model.wire import Wire

if TYPE_CHECKING:
    import httpx2
    from anthropic import AsyncAnthropic

_LOG = logging.getLogger(__name__)
_LIMITS_TIMEOUT = 10.0
_COUNT_TIMEOUT = 5.0


class AnthropicModel:
    """A service that speaks the Messages API: Anthropic's own, or a server of the user's."""

    def __init__(
        self,
        *,
        keys: Keys | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        idle: float = 120.0,
        backoff: Backoff | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Take what is needed; nothing is imported and nothing is sent before the first call.

        `idle` is after how many seconds without a byte a stream is given up.
        """
        self._keys = keys or Keys(user_config_dir())
        self._base_url = base_url
        self._api_key = api_key
        self._idle = idle
        self._backoff = backoff or Backoff()
        self._sleep = sleep
        self._jitter = jitter
        self._wire = Wire()
        self._client: AsyncAnthropic | None = None
        self._connecting = asyncio.Lock()
        self._with_key = 0
        """Which of the keys that were handed over the client has."""
        self._former: list[AsyncAnthropic] = []
        """Clients with a key that is no longer the one; streams that they have begun may still run."""
        self._renewed = False
        self._limits: dict[str, ModelLimits] = {}
        self._outputs: dict[str, int] = {}
        """How much each model may write, where the service said so."""
        self._asking: dict[str, asyncio.Task[ModelLimits]] = {}

    async def warm(self) -> None:
        """Import the SDK and make the client in a thread, so that the first call need not wait. Never raises."""
        try:
            await self._ready()
        except ModelError as error:
            _LOG.info("the model's service is not ready: %s", error.message)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPiece]:
        """Yield pieces and then one `Reply`. Raises ModelError. Closing the iterator ends the call at once."""
        allowed = min(request.max_tokens, self._most_output(request.model) or request.max_tokens)
        body = self._wire.encode(replace(request, max_tokens=allowed))

        def attempt() -> AsyncGenerator[ModelPiece]:
            return self._attempt(request.model, body)

        async with aclosing(retrying(attempt, self._backoff, self._sleep, self._jitter)) as pieces:
            async for piece in pieces:
                yield piece
        self._ask_later(request.model)

    async def limits(self, model: str) -> ModelLimits:
        """Return the model's limits, from the service or from the table; never raises."""
        known = self._limits.get(model)
        if known is not None:
            return known
        fallback = catalog.entry(model).limits
        try:
            found = await self._ask_limits(model, fallback)
        except ModelError as error:
            if error.kind != "not_found":
                return fallback  # perhaps the service can say it later
            found = fallback
        self._limits[model] = found
        return found

    def known_limits(self, model: str) -> ModelLimits:
        """Return the model's limits as far as they are known now, without asking anybody."""
        return self._limits.get(model) or catalog.entry(model).limits

    def price(self, model: str) -> Price | None:
        """Return what the model costs; None where that is not known."""
        return catalog.entry(model).price

    async def count(self, request: ModelRequest) -> int | None:
        """Return the request's input tokens as the service counts them; None where it does not say. Never raises."""
        try:
            client = await self._ready()
            import httpx2  # noqa: PLC0415 (loaded by `_ready`)

            response = await client.post(
                "/v1/messages/count_tokens",
                cast_to=httpx2.Response,
                content=self._wire.encode_count(request),
                options={"timeout": _COUNT_TIMEOUT},
            )
            said: object = response.json()
        except Exception as error:  # noqa: BLE001 (whatever it is, the estimate has to do)
            _LOG.info("tokens were not counted: %s", error)
            return None
        counted = cast("dict[str, object]", said).get("input_tokens") if isinstance(said, dict) else None
        return counted if isinstance(counted, int) and counted > 0 else None

    async def close(self) -> None:
        """Let go of connections."""
        for task in self._asking.values():
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)
        await self._disconnect()
        former, self._former = self._former, []
        for client in former:
            await client.close()

    async def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _ready(self) -> AsyncAnthropic:
        async with self._connecting:
            if self._client is not None and self._with_key != self._keys.handed_over:
                self._former.append(self._client)
                self._client = None
            if self._client is None:
                self._with_key = self._keys.handed_over
                try:
                    self._client = await asyncio.to_thread(
                        connect, self._base_url, self._api_key, self._keys.get, self._idle
                    )
                except ConfigurationError as error:
                    raise ModelError("missing_key", error.message, error.mend) from error
                except (ModelError, asyncio.CancelledError):
                    raise
                except Exception as error:
                    raise from_exception(error, self._idle) from error
            return self._client

    async def _attempt(self, model: str, body: bytes) -> AsyncGenerator[ModelPiece]:
        response = await self._open(body)
        assembly = Assembly(model)
        try:
            async with aclosing(flow(response.aiter_bytes(), assembly)) as pieces:
                async for piece in pieces:
                    yield piece
            reply = assembly.reply(response.headers.get("request-id"))
        except ModelError as error:
            error.begun = assembly.may_be_paid
            raise
        except Exception as error:
            failure = from_exception(error, self._idle)
            failure.begun = True  # the service had taken the request, and did not say that it failed
            raise failure from error
        finally:
            await response.aclose()
        yield reply

    async def _open(self, body: bytes) -> httpx2.Response:
        """Send the request and return the beginning of its stream.

        The SDK does credentials, headers and errors. The body goes past its parameter transformation and the events
        past its models: both cost more the longer the conversation or the reply.
        """
        import anthropic  # noqa: PLC0415 (loaded by `_ready`)
        import httpx2  # noqa: PLC0415

        client = await self._ready()
        try:
            response = await client.post(
                "/v1/messages",
                cast_to=httpx2.Response,
                content=body,
                stream=True,
                stream_cls=anthropic.AsyncStream[Any],
            )
        except anthropic.AuthenticationError as error:
            refused = from_exception(error, self._idle)
            # A token of a profile may have run out meanwhile; a new client fetches a new one.
            refused.retryable = await self._renew(client)
            raise refused from error
        except Exception as error:
            raise from_exception(error, self._idle) from error
        response = cast("httpx2.Response", cast("object", response))
        self._renewed = False
        if "event-stream" not in response.headers.get("content-type", "event-stream"):
            await response.aclose()
            raise ModelError(
                "malformed",
                "The address answers, but not with a stream of events.",
                "Check the address (base_url).",
            )
        return response

    async def _renew(self, client: AsyncAnthropic) -> bool:
        """Drop a client whose token was refused; say whether another try with a new token makes sense."""
        if client.credentials is None or client is not self._client or self._renewed:
            return False
        self._renewed = True
        await self._disconnect()
        return True

    async def _ask_limits(self, model: str, fallback: ModelLimits) -> ModelLimits:
        import httpx2  # noqa: PLC0415 (as above)

        client = await self._ready()
        try:
            response = await client.get(
                f"/v1/models/{quote(model, safe='')}",
                cast_to=httpx2.Response,
                options={"timeout": _LIMITS_TIMEOUT},
            )
            said: object = response.json()
        except Exception as error:
            raise from_exception(error, self._idle) from error
        fields = cast("dict[str, object]", said) if isinstance(said, dict) else {}
        context, output = fields.get("max_input_tokens"), fields.get("max_tokens")
        if isinstance(output, int) and output > 0:
            self._outputs[model] = output
        return ModelLimits(
            context_window=context if isinstance(context, int) and context > 0 else fallback.context_window,
            max_output=self._outputs.get(model, fallback.max_output),
        )

    def _most_output(self, model: str) -> int | None:
        """Return how many tokens the model may write, or None where nobody said so: a guess limits nothing."""
        row = catalog.known(model)
        return self._outputs.get(model) or (row.limits.max_output if row is not None else None)

    def _ask_later(self, model: str) -> None:
        """After the first reply of a model, ask for its limits beside the work: the table may be older than they are."""
        if model not in self._asking:
            self._asking[model] = asyncio.create_task(self.limits(model))
