"""Tokens that are known by their form: one row for each, as their issuers document them.

All marks are searched for at once; a row is looked at only where one of its marks stands, with no
word character or hyphen before it. Repetitions without an upper bound run over word characters and
hyphens alone, in which no second token can begin: no text makes the whole slower than its length.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Final

from msgspec import Struct

from batten.detect.secret_values import Confidence, decoded
from batten.pattern import pattern


class Format(Struct, frozen=True):
    """One kind of token."""

    kind: str
    """A slug, as in `Hit.kind`."""
    title: str
    marks: str
    """With a space between them: what a token begins with, or contains where there is a `before`."""
    rest: str
    """The expression of what follows the mark."""
    confidence: Confidence = "high"
    judge: Callable[[str], Confidence | None] | None = None
    """Looks closer: a checksum, a structure. None: no token at all."""
    before: str = ""
    """The expression of what stands before the mark."""


class Found(Struct, frozen=True):
    """A secret seen in a text, between two offsets."""

    start: int
    end: int
    kind: str
    title: str
    confidence: Confidence


_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _crc_base62(token: str) -> Confidence:
    """The last six base-62 digits of a GitHub or npm token are the CRC-32 of what stands before them.

    (GitHub, "Behind GitHub's new authentication token formats", 2021; npm took it over.)
    """
    body = token.rpartition("_")[2]
    number = 0
    for character in body[-6:]:
        number = number * 62 + _BASE62.index(character)
    return "high" if number == zlib.crc32(body[:-6].encode()) else "low"


def _crc_hexadecimal(token: str) -> Confidence:
    """A Grafana service account token ends in the CRC-32 of what stands before it."""
    body, _, checksum = token.rpartition("_")
    return "high" if zlib.crc32(body.encode()) == int(checksum, 16) else "medium"


def _json_web_token(token: str) -> Confidence | None:
    """RFC 7519: the header is JSON with an algorithm. Many are expired or made for a demonstration."""
    header, payload = (decoded(part) for part in token.split(".")[:2])
    if header is None or payload is None or '"alg"' not in header or not payload.startswith("{"):
        return None
    if '"1234567890"' in payload:  # the subject of the token that every introduction shows
        return None
    return "high" if "kubernetes.io/serviceaccount" in payload or "system:serviceaccount" in payload else "medium"


# The marks are what every token of the kind contains word for word; `rest` follows them.
FORMATS: Final = (
    # cloud providers
    Format("aws-access-key", "AWS access key", "AKIA ASIA ABIA ACCA", r"[A-Z2-7]{16}"),
    Format("aws-mws-key", "Amazon MWS key", "amzn.mws.", r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"),
    Format("aws-bedrock-key", "Amazon Bedrock API key", "ABSK", r"[A-Za-z0-9+/]{109,269}={0,2}"),
    Format("gcp-api-key", "Google API key", "AIza", r"[\w-]{35}(?![\w-])"),
    Format("gcp-oauth-secret", "Google OAuth client secret", "GOCSPX-", r"[\w-]{28}(?![\w-])"),
    Format("gcp-oauth-token", "Google OAuth access token", "ya29.", r"[\w-]{40,}+", "medium"),
    Format("azure-storage-key", "Azure storage account key", "AccountKey=", r"[A-Za-z0-9+/]{86}=="),
    Format("azure-shared-access-key", "Azure shared access key", "SharedAccessKey=", r"[A-Za-z0-9+/]{43}="),
    Format(
        "azure-sas",
        "Azure shared access signature",
        "sig=",
        r"(?:[A-Za-z0-9+/]|%2[BbFf]){43}(?:=|%3[Dd])",
    ),
    Format(
        "azure-client-secret",
        "Azure client secret",
        "Q~",
        r"[A-Za-z0-9_~.-]{31,34}",
        before=r"[A-Za-z0-9_~.]{3}\d",
    ),
    Format("azure-devops-token", "Azure DevOps token", "AZDO", r"[A-Za-z0-9]{4}", before=r"[A-Za-z0-9]{76}"),
    Format("digitalocean-token", "DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", r"[a-f0-9]{64}"),
    Format("alibaba-access-key", "Alibaba Cloud access key", "LTAI5t", r"[A-Za-z0-9]{18}", "medium"),
    Format("heroku-key", "Heroku API key", "HRKU-AA", r"[\w-]{58}(?![\w-])"),
    Format("fly-token", "Fly.io token", "fm1_ fm2_", r"[A-Za-z0-9+/]{100,500}={0,3}"),
    Format("scaleway-key", "Scaleway access key", "SCW", r"[A-Z0-9]{17}", "medium"),
    # code and packages
    Format("github-token", "GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"[A-Za-z0-9]{36}", judge=_crc_base62),
    Format("github-token", "GitHub fine-grained token", "github_pat_", r"[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    Format(
        "gitlab-token",
        "GitLab token",
        "glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct- glwt-",
        r"[\w-]{20,}+",
    ),
    Format("gitlab-token", "GitLab runner registration token", "GR1348941", r"[\w-]{20}(?![\w-])"),
    Format("atlassian-token", "Atlassian token", "ATATT3xFf ATCTT3xFf", r"[\w-]{60,}+(?:=[A-F0-9]{8})?"),
    Format("npm-token", "npm token", "npm_", r"[A-Za-z0-9]{36}", judge=_crc_base62),
    Format("pypi-token", "PyPI token", "pypi-AgE pypi-AgF", r"[\w-]{50,}+"),
    Format("rubygems-key", "RubyGems API key", "rubygems_", r"[a-f0-9]{48}"),
    Format("nuget-key", "NuGet API key", "oy2", r"[a-z0-9]{43}"),
    Format("crates-token", "crates.io token", "cio", r"[A-Za-z0-9]{32}", "medium"),
    Format("clojars-token", "Clojars token", "CLOJARS_", r"[a-z0-9]{60}"),
    Format("docker-hub-token", "Docker Hub token", "dckr_pat_", r"[\w-]{27}(?![\w-])"),
    Format("docker-hub-token", "Docker Hub organisation token", "dckr_oat_", r"[\w-]{32}(?![\w-])"),
    Format("artifactory-token", "Artifactory API key", "AKCp", r"[A-Za-z0-9]{69}"),
    Format("artifactory-token", "Artifactory reference token", "cmVmdGtu", r"[A-Za-z0-9]{56}"),
    Format("sonarqube-token", "SonarQube token", "squ_ sqp_ sqa_", r"[a-f0-9]{40}"),
    Format("circleci-token", "CircleCI token", "CCIPAT_ CCIPRJ_", r"[A-Za-z0-9]{22}_[a-f0-9]{40}"),
    Format("buildkite-token", "Buildkite token", "bkua_ bkct_ bkaj_", r"[a-f0-9]{40}"),
    Format("postman-key", "Postman API key", "PMAK-", r"[a-f0-9]{24}-[a-f0-9]{34}"),
    # secrets managers and infrastructure
    Format("vault-token", "HashiCorp Vault token", "hvs. hvb. hvr.", r"[\w-]{24,}+"),
    Format("terraform-token", "Terraform Cloud token", ".atlasv1.", r"[\w-]{60,}+", before=r"[A-Za-z0-9]{14}"),
    Format("pulumi-token", "Pulumi token", "pul-", r"[a-f0-9]{40}"),
    Format(
        "doppler-token",
        "Doppler token",
        "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.",
        r"(?:[\w-]{1,40}\.)?[A-Za-z0-9]{40,44}",
    ),
    Format("1password-token", "1Password service account token", "ops_eyJ", r"[\w-]{200,}+={0,3}"),
    Format("tailscale-key", "Tailscale key", "tskey-", r"[a-z]{2,12}-[A-Za-z0-9]{10,30}-[A-Za-z0-9]{20,40}"),
    Format("openshift-token", "OpenShift token", "sha256~", r"[\w-]{43}(?![\w-])"),
    Format("age-secret-key", "age secret key", "AGE-SECRET-KEY-1", r"[0-9A-Z]{58}"),
    Format("planetscale-token", "PlanetScale token", "pscale_tkn_ pscale_pw_ pscale_oauth_", r"[\w=.-]{32,64}"),
    Format("databricks-token", "Databricks token", "dapi", r"[a-f0-9]{32}(?:-\d)?"),
    Format("supabase-key", "Supabase access token", "sbp_", r"[a-f0-9]{40}"),
    Format("supabase-key", "Supabase secret key", "sb_secret_", r"[\w-]{31,}+"),
    Format("confluent-secret", "Confluent Cloud secret", "cflt", r"[A-Za-z0-9+/]{60}", "medium"),
    # observability
    Format(
        "grafana-token",
        "Grafana service account token",
        "glsa_",
        r"[A-Za-z0-9]{32}_[a-f0-9]{8}",
        judge=_crc_hexadecimal,
    ),
    Format("grafana-token", "Grafana Cloud token", "glc_eyJ", r"[A-Za-z0-9+/]{60,400}={0,2}"),
    Format("new-relic-key", "New Relic user key", "NRAK-", r"[A-Z0-9]{27}"),
    Format("new-relic-key", "New Relic insert key", "NRII-", r"[\w-]{32}(?![\w-])", "medium"),
    Format("sentry-token", "Sentry organisation token", "sntrys_eyJ", r"[A-Za-z0-9+/=_-]{80,400}"),
    Format("sentry-token", "Sentry user token", "sntryu_", r"[a-f0-9]{64}"),
    Format("dynatrace-token", "Dynatrace token", "dt0c01. dt0s01. dt0s16.", r"[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    # messages and mail
    Format(
        "slack-token",
        "Slack token",
        "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs-",
        r"(?:\d-)?[A-Za-z0-9]{8,}+-[A-Za-z0-9-]{8,}+",
    ),
    Format("slack-token", "Slack application token", "xapp-", r"\d-[A-Z0-9]{8,20}-\d{8,20}-[a-f0-9]{32,80}"),
    Format("slack-webhook", "Slack webhook", "hooks.slack.com/services/", r"T[\w/-]{30,80}"),
    Format("slack-webhook", "Slack webhook", "hooks.slack.com/workflows/ hooks.slack.com/triggers/", r"[\w/-]{30,100}"),
    Format(
        "discord-webhook",
        "Discord webhook",
        "discord.com/api/webhooks/ discordapp.com/api/webhooks/",
        r"\d{17,20}/[\w-]{60,80}",
    ),
    Format(
        "teams-webhook", "Microsoft Teams webhook", "webhook.office.com/webhookb2/", r"[a-f0-9-]{36}@[\w/-]{60,200}"
    ),
    Format("telegram-token", "Telegram bot token", ":AA", r"[\w-]{33}(?![\w-])", before=r"\d{8,10}"),
    Format("twilio-key", "Twilio API key", "SK", r"[0-9a-f]{32}", "medium"),
    Format("sendgrid-key", "SendGrid API key", "SG.", r"[\w-]{22}\.[\w-]{43}(?![\w-])"),
    Format("mailgun-key", "Mailgun key", "key-", r"[0-9a-f]{32}", "medium"),
    Format("mailchimp-key", "Mailchimp key", "-us", r"\d{1,2}", "medium", before=r"[0-9a-f]{32}"),
    Format("brevo-key", "Brevo API key", "xkeysib-", r"[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    # payment and shops
    Format("stripe-key", "Stripe live key", "sk_live_ rk_live_", r"[A-Za-z0-9]{20,200}"),
    Format("stripe-key", "Stripe test key", "sk_test_ rk_test_", r"[A-Za-z0-9]{20,200}", "medium"),
    Format("stripe-webhook-secret", "Stripe webhook secret", "whsec_", r"[A-Za-z0-9+/]{32,64}={0,2}"),
    Format("shopify-token", "Shopify token", "shpat_ shpca_ shppa_ shpss_", r"[a-fA-F0-9]{32}"),
    Format("square-token", "Square access token", "sq0atp-", r"[\w-]{22}(?![\w-])"),
    Format("square-token", "Square OAuth secret", "sq0csp-", r"[\w-]{43}(?![\w-])"),
    Format(
        "braintree-token",
        "Braintree access token",
        "access_token$production$ access_token$sandbox$",
        r"[0-9a-z]{16}\$[0-9a-f]{32}",
    ),
    # models
    Format("openai-key", "OpenAI API key", "T3BlbkFJ", r"[\w-]{20,}+", before=r"sk-[\w-]{20,170}"),
    Format("anthropic-key", "Anthropic API key", "sk-ant-", r"(?:api|admin|sid|oat)\d\d-[\w-]{60,}+"),
    Format("huggingface-token", "Hugging Face token", "hf_ api_org_", r"[A-Za-z]{34}"),
    Format("groq-key", "Groq API key", "gsk_", r"[A-Za-z0-9]{52}"),
    Format("replicate-token", "Replicate token", "r8_", r"[A-Za-z0-9]{37}"),
    Format("xai-key", "xAI API key", "xai-", r"[A-Za-z0-9]{80}"),
    Format("perplexity-key", "Perplexity API key", "pplx-", r"[A-Za-z0-9]{48}"),
    # work
    Format("linear-key", "Linear API key", "lin_api_ lin_oauth_", r"[A-Za-z0-9]{40,64}"),
    Format("notion-token", "Notion token", "ntn_", r"[A-Za-z0-9]{46}", "medium"),
    Format("airtable-token", "Airtable token", "pat", r"[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    Format("contentful-token", "Contentful token", "CFPAT-", r"[\w-]{43}(?![\w-])"),
    Format("figma-token", "Figma token", "figd_ figo_ figu_", r"[\w-]{40,}+"),
    Format("typeform-token", "Typeform token", "tfp_", r"[\w-]{40,}+"),
    Format("netlify-token", "Netlify token", "nfp_", r"[A-Za-z0-9]{36,40}"),
    Format("jwt", "JSON Web Token", "eyJ", r"[\w-]{10,}+\.eyJ[\w-]{10,}+\.[\w-]{20,}+", "medium", _json_web_token),
)


_BEFORE_CHARACTERS: Final = 180
_SHOWN: Final = pattern(r"example|x{5}|\.{3}|1234567890|abcdefgh|your", re.IGNORECASE)
"""What documentation puts into tokens that it shows."""


_HEAD: Final = 3
"""Characters of a mark that are searched for: an expression for all of the marks takes longer to compile than a
small scan takes to search."""


def _numbers_by_mark() -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = {}
    for number, one in enumerate(FORMATS):
        for mark in one.marks.split():
            numbers.setdefault(mark, []).append(number)
    return numbers


_NUMBERS: Final = _numbers_by_mark()


def _marks_by_head() -> dict[str, list[str]]:
    """What a mark begins with -> the marks that may stand there, the longest first."""
    heads: dict[str, list[str]] = {}
    for mark in sorted(_NUMBERS, key=len, reverse=True):
        heads.setdefault(mark[:_HEAD], []).append(mark)
        if len(mark) < _HEAD:
            for head, marks in heads.items():
                if head != mark and head.startswith(mark):
                    marks.append(mark)
    return heads


def _expression(heads: Iterable[str]) -> str:
    """Any of the heads, a longer one before the shorter one that it begins with."""
    by_first: dict[str, list[str]] = {}
    for head in sorted(heads, reverse=True):
        by_first.setdefault(head[0], []).append(re.escape(head[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rests)})" for first, rests in by_first.items())


_HEADS: Final = _marks_by_head()
# No group and no assertion in front: the search then skips to the letters that a mark can begin with.
_HEAD_OF_MARK: Final = pattern(_expression(_HEADS))


def marks_in(text: str) -> Iterator[tuple[int, str]]:
    """Where a mark stands, and which, the longest of those that begin there; none overlaps another."""
    search, position = _HEAD_OF_MARK.search, 0
    while (head := search(text, position)) is not None:
        start = head.start()
        mark = next((one for one in _HEADS[head[0]] if text.startswith(one, start)), "")
        position = start + (len(mark) or 1)
        if mark:
            yield start, mark


@cache
def _rest(number: int) -> re.Pattern[str]:
    # Compiled when one of its marks is seen: all of them together take longer than a small scan.
    return re.compile(f"(?:{FORMATS[number].rest})(?![A-Za-z0-9])")


@cache
def _before(number: int) -> re.Pattern[str] | None:
    before = FORMATS[number].before
    return re.compile(f"(?:{before})$") if before else None


def tokens(text: str) -> Iterator[Found]:
    """Every token known by its form, in order."""
    past = 0
    for start, mark in marks_in(text):
        if start < past:
            continue
        for number in _NUMBERS[mark]:
            found = _token(text, start, start + len(mark), number)
            if found is not None:
                past = found.end
                yield found
                break


def _token(text: str, mark: int, mark_end: int, number: int) -> Found | None:
    """The token of a format whose mark stands between two offsets, if there is one."""
    one = FORMATS[number]
    start = _start(text, mark, _before(number))
    rest = _rest(number).match(text, mark_end) if start is not None else None
    if start is None or rest is None:
        return None
    token = text[start : rest.end()]
    if _SHOWN.search(token) or len(set(token[-16:])) < 6:
        return None
    confidence = one.judge(token) if one.judge else one.confidence
    return None if confidence is None else Found(start, rest.end(), one.kind, one.title, confidence)


def _start(text: str, mark: int, before: re.Pattern[str] | None) -> int | None:
    """Where the token begins whose mark stands at `mark`; None where it stands inside of a word."""
    start = mark
    if before is not None:
        lowest = max(0, mark - _BEFORE_CHARACTERS)
        led = before.search(text[lowest:mark])
        if led is None:
            return None
        start = lowest + led.start()
    outside = text[start - 1] if start else " "
    # In JSON and in shell strings a line ends with a backslash and an `n`, which is no part of a word.
    if (outside.isalnum() or outside in "_-") and text[start - 2 : start] != "\\n":
        return None
    return start
