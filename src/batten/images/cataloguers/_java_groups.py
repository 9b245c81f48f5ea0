"""Groups of Java artifacts that are built without `pom.properties`: facts of Maven Central."""

from __future__ import annotations

from typing import Final

_EXACT: Final = {
    "ant": "org.apache.ant",
    "antlr": "antlr",
    "aopalliance": "aopalliance",
    "asm": "org.ow2.asm",
    "bcprov-jdk15on": "org.bouncycastle",
    "bcprov-jdk18on": "org.bouncycastle",
    "bcpkix-jdk15on": "org.bouncycastle",
    "bcpkix-jdk18on": "org.bouncycastle",
    "bcutil-jdk18on": "org.bouncycastle",
    "commons-beanutils": "commons-beanutils",
    "commons-cli": "commons-cli",
    "commons-codec": "commons-codec",
    "commons-collections": "commons-collections",
    "commons-collections4": "org.apache.commons",
    "commons-compress": "org.apache.commons",
    "commons-digester": "commons-digester",
    "commons-fileupload": "commons-fileupload",
    "commons-httpclient": "commons-httpclient",
    "commons-io": "commons-io",
    "commons-lang": "commons-lang",
    "commons-lang3": "org.apache.commons",
    "commons-logging": "commons-logging",
    "commons-net": "commons-net",
    "commons-pool": "commons-pool",
    "commons-pool2": "org.apache.commons",
    "commons-text": "org.apache.commons",
    "dom4j": "dom4j",
    "groovy": "org.codehaus.groovy",
    "hamcrest-core": "org.hamcrest",
    "hibernate-core": "org.hibernate",
    "hsqldb": "org.hsqldb",
    "javassist": "org.javassist",
    "javax.servlet-api": "javax.servlet",
    "kotlin-reflect": "org.jetbrains.kotlin",
    "kotlin-stdlib": "org.jetbrains.kotlin",
    "kotlin-stdlib-jdk7": "org.jetbrains.kotlin",
    "kotlin-stdlib-jdk8": "org.jetbrains.kotlin",
    "log4j": "log4j",
    "okhttp": "com.squareup.okhttp3",
    "okio": "com.squareup.okio",
    "scala-library": "org.scala-lang",
    "scala-reflect": "org.scala-lang",
    "servlet-api": "javax.servlet",
    "snakeyaml": "org.yaml",
    "xalan": "xalan",
    "xercesImpl": "xerces",
    "xml-apis": "xml-apis",
    "zookeeper": "org.apache.zookeeper",
}
_SPRING: Final = frozenset(
    [
        "aop",
        "aspects",
        "beans",
        "context",
        "context-indexer",
        "context-support",
        "core",
        "expression",
        "instrument",
        "jcl",
        "jdbc",
        "jms",
        "messaging",
        "orm",
        "oxm",
        "r2dbc",
        "test",
        "tx",
        "web",
        "webflux",
        "webmvc",
        "websocket",
    ]
)
_PREFIXES: Final = (
    ("spring-boot", "org.springframework.boot"),
    ("spring-security-", "org.springframework.security"),
    ("spring-data-", "org.springframework.data"),
    ("spring-batch-", "org.springframework.batch"),
    ("spring-integration-", "org.springframework.integration"),
    ("spring-session-", "org.springframework.session"),
    ("spring-cloud-", "org.springframework.cloud"),
    ("micrometer-", "io.micrometer"),
    ("opentelemetry-", "io.opentelemetry"),
    ("grpc-", "io.grpc"),
    ("lucene-", "org.apache.lucene"),
    ("kafka-", "org.apache.kafka"),
    ("kafka_", "org.apache.kafka"),
)


def group_of(artifact: str, version: str) -> str:
    """The group that publishes `artifact` in `version`, "" where it is not known."""
    if artifact == "hibernate-core" and version[:1].isdigit() and int(version.partition(".")[0][:3] or 0) >= 6:
        return "org.hibernate.orm"
    if found := _EXACT.get(artifact):
        return found
    if artifact.startswith("spring-") and artifact.removeprefix("spring-") in _SPRING:
        return "org.springframework"
    return next((group for prefix, group in _PREFIXES if artifact.startswith(prefix)), "")
