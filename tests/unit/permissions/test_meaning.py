"""What a rule means, in words."""

import pytest

from postil.permissions.meaning import meaning
from postil.permissions.rule import Verdict, parse

SAID: dict[tuple[Verdict, str], str] = {
    ("allow", "Bash(npm test)"): "Exactly the command npm test runs unasked.",
    ("allow", "Bash(npm test:*)"): "The command npm test alone or with any words after it runs unasked.",
    ("allow", "Bash(git * main)"): (
        "Exactly the command git * main, where a star alone stands for one word or more, runs unasked."
    ),
    ("deny", "Bash"): (
        "Every command, wherever it stands in a line, also behind sudo, timeout, sh -c and the like and with options in "
        "between, never runs."
    ),
    ("allow", "Edit(src/**)"): "Editing what src/** matches in a folder of the workspace runs unasked.",
    ("ask", "Read(*.pem)"): (
        "Reading files and folders called *.pem, at any depth of the workspace, whatever the case of letters, also by a "
        "command whose words say so, is asked about."
    ),
    ("allow", "Read(~/notes/**)"): "Reading what ~/notes/** matches, in your home, runs unasked.",
    (
        "allow",
        "Read(//etc/hosts)",
    ): "Reading what /etc/hosts matches, from the root of the file system, runs unasked.",
    ("allow", "WebFetch(domain:a.org)"): "Fetching from a.org runs unasked.",
    (
        "deny",
        "WebFetch(domain:*.a.org)",
    ): "Fetching from any host below a.org, or from a host below it, never runs.",
}


@pytest.mark.parametrize(("rule", "want"), SAID.items())
def test_what_a_rule_says(rule: tuple[Verdict, str], want: str) -> None:
    verdict, text = rule
    found = meaning(parse(text, verdict, "user"))
    assert found.effect == want
    assert bool(found.never) is (verdict == "allow" or text.startswith("Bash"))
    assert found.order
