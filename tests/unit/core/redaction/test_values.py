"""The value of a telling name is replaced where it looks like a secret, and code that speaks of secrets stays."""

from __future__ import annotations

import pytest

from postil.core.redaction.marks import VALUE, mark
from postil.core.redaction.redact import redact
from tests.support.secrets import filled

SECRET = [
    "DB_PASSWORD=Summer2024!",
    "    2\tDB_PASSWORD=Summer2024!",
    "+DB_PASSWORD=Summer2024!",
    "export GITHUB_TOKEN=<40>",
    "STRIPE_KEY=<32>",
    "aws_secret_access_key = <40>",
    "aws_secret_access_key=<20>/<10>+<8>",
    "password: <12>",
    "password: Tr0ub4dor&3",
    '"password": "Tr0ub4dor&3"',
    "  token: <24>",
    "spring.datasource.password=<14>",
    'client_secret="<36:hex>"',
    "token := `<20>`",
    "curl --token=<32:hex>",
    "https://example.org/?access_token=<32:hex>&page=2",
    "SECRET_KEY = 'django-insecure-<40>'",
    "<password><16></password>",
    r"{\"token\": \"<32:hex>\"}",
    "X-Api-Key: <32:hex>",
    "x-auth-token: <32:hex>",
    "ENCRYPTION_KEY=base64:<40>=",
]
PLAIN = [
    "password = getpass.getpass()",
    "token = self.next_token()",
    "PASSWORD_MIN_LENGTH=12",
    "TOKEN_URL=https://example.org/oauth2/v1/token",
    "secret_name: my-app-secret-v2",
    "token: string | undefined",
    'token="$1"',
    "password: ${{ secrets.DB_PASSWORD_2 }}",
    'API_KEY_HEADER = "X-Api-Key-2"',
    "secretKeyRef: name-of-thing-01",
    'tokenizer = "cl100k_base"',
    "max_tokens=128000",
    "TOKENS_PER_MINUTE=100k",
    'const TOKEN_TYPE = "urn:ietf:params:oauth:token-type:jwt2"',
    "password_hash = hashlib.sha256(x1)",
    "ACCESS_KEY_PATH=/home/u1/.aws/key2.pem",
    "token_count: 12345678",
    'tokenVersion: "v1.2.3-beta4"',
    'passwordField = "input#user-pass-2"',
    "PWD=/home/user/src/project2024/x1b2",
    "private_key: x25519.X25519PrivateKey",
    '"AWS::IAM::AccessKey": "<16:hex>"',
    'password = "changeme"',
    "PASSWORD=<your password>",
    "CACHE_KEY=user_profile_12",
]


@pytest.mark.parametrize("line", SECRET)
def test_a_secret_is_replaced(line: str) -> None:
    text = filled(line)
    found = redact(f"before\n{text}\nafter")
    assert found.count == 1
    assert found.text.startswith("before\n")
    assert found.text.endswith("\nafter")
    assert mark(VALUE) in found.text


@pytest.mark.parametrize("line", PLAIN)
def test_code_and_manuals_stay(line: str) -> None:
    text = filled(line)
    assert redact(text).text == text


def test_only_the_value_goes() -> None:
    text = filled('{"user": "me", "password": "<20>", "port": 5432}')
    assert redact(text).text == f'{{"user": "me", "password": "{mark(VALUE)}", "port": 5432}}'


def test_a_value_of_any_length_goes_as_a_whole() -> None:
    assert redact(filled("API_TOKEN=<5000>")).text == f"API_TOKEN={mark(VALUE)}"


def test_a_capital_that_is_two_small_letters_moves_nothing() -> None:
    line = filled("\u0130\u0130\u0130 \u0130 token: '<24>'")
    assert redact(line).text == f"\u0130\u0130\u0130 \u0130 token: '{mark(VALUE)}'"
