"""Groups of Java artifacts that are built without `pom.properties`: facts of Maven Central."""

from __future__ import annotations

from typing import Final

from batten.pattern import pattern

_EXACT: Final = {
    "activation": "javax.activation",
    "ant-launcher": "org.apache.ant",
    "antisamy": "org.owasp.antisamy",
    "antlr": "antlr",
    "aopalliance": "aopalliance",
    "backport-util-concurrent": "backport-util-concurrent",
    "bcmail-jdk15on": "org.bouncycastle",
    "bcpg-jdk15on": "org.bouncycastle",
    "bcpg-jdk18on": "org.bouncycastle",
    "bcpkix-jdk15on": "org.bouncycastle",
    "bcpkix-jdk18on": "org.bouncycastle",
    "bcprov-jdk14": "org.bouncycastle",
    "bcprov-jdk15on": "org.bouncycastle",
    "bcprov-jdk15to18": "org.bouncycastle",
    "bcprov-jdk16": "org.bouncycastle",
    "bcprov-jdk18on": "org.bouncycastle",
    "bctls-jdk18on": "org.bouncycastle",
    "bcutil-jdk18on": "org.bouncycastle",
    "bsh": "org.beanshell",
    "cdi-api": "javax.enterprise",
    "cglib": "cglib",
    "cglib-nodep": "cglib",
    "classworlds": "classworlds",
    "commons-attributes-api": "commons-attributes",
    "commons-beanutils": "commons-beanutils",
    "commons-betwixt": "commons-betwixt",
    "commons-chain": "commons-chain",
    "commons-cli": "commons-cli",
    "commons-codec": "commons-codec",
    "commons-collections": "commons-collections",
    "commons-collections4": "org.apache.commons",
    "commons-compress": "org.apache.commons",
    "commons-configuration": "commons-configuration",
    "commons-configuration2": "org.apache.commons",
    "commons-csv": "org.apache.commons",
    "commons-daemon": "commons-daemon",
    "commons-dbcp": "commons-dbcp",
    "commons-dbcp2": "org.apache.commons",
    "commons-dbutils": "commons-dbutils",
    "commons-digester": "commons-digester",
    "commons-discovery": "commons-discovery",
    "commons-el": "commons-el",
    "commons-email": "org.apache.commons",
    "commons-exec": "org.apache.commons",
    "commons-fileupload": "commons-fileupload",
    "commons-httpclient": "commons-httpclient",
    "commons-io": "commons-io",
    "commons-jci-core": "org.apache.commons",
    "commons-jxpath": "commons-jxpath",
    "commons-lang": "commons-lang",
    "commons-lang3": "org.apache.commons",
    "commons-launcher": "commons-launcher",
    "commons-logging": "commons-logging",
    "commons-math3": "org.apache.commons",
    "commons-modeler": "commons-modeler",
    "commons-net": "commons-net",
    "commons-pool": "commons-pool",
    "commons-pool2": "org.apache.commons",
    "commons-text": "org.apache.commons",
    "commons-validator": "commons-validator",
    "commons-vfs": "commons-vfs",
    "commons-vfs2": "org.apache.commons",
    "dom4j": "dom4j",
    "druid": "com.alibaba",
    "ehcache": "net.sf.ehcache",
    "esapi": "org.owasp.esapi",
    "fastjson": "com.alibaba",
    "fastjson2": "com.alibaba.fastjson2",
    "freemarker": "org.freemarker",
    "gson": "com.google.code.gson",
    "guava": "com.google.guava",
    "h2": "com.h2database",
    "hamcrest-core": "org.hamcrest",
    "hazelcast": "com.hazelcast",
    "hsqldb": "org.hsqldb",
    "ivy": "org.apache.ivy",
    "jackson-annotations": "com.fasterxml.jackson.core",
    "jackson-core": "com.fasterxml.jackson.core",
    "jackson-core-asl": "org.codehaus.jackson",
    "jackson-databind": "com.fasterxml.jackson.core",
    "jackson-dataformat-xml": "com.fasterxml.jackson.dataformat",
    "jackson-dataformat-yaml": "com.fasterxml.jackson.dataformat",
    "jackson-mapper-asl": "org.codehaus.jackson",
    "javax.inject": "javax.inject",
    "javax.servlet-api": "javax.servlet",
    "jaxen": "jaxen",
    "jcl-over-slf4j": "org.slf4j",
    "jdom2": "org.jdom",
    "jettison": "org.codehaus.jettison",
    "jline": "jline",
    "json": "org.json",
    "json-smart": "net.minidev",
    "jsoup": "org.jsoup",
    "jsr250-api": "javax.annotation",
    "jsr305": "com.google.code.findbugs",
    "junit": "junit",
    "kotlin-reflect": "org.jetbrains.kotlin",
    "kotlin-stdlib": "org.jetbrains.kotlin",
    "kotlin-stdlib-jdk7": "org.jetbrains.kotlin",
    "kotlin-stdlib-jdk8": "org.jetbrains.kotlin",
    "log4j": "log4j",
    "log4j-api": "org.apache.logging.log4j",
    "log4j-core": "org.apache.logging.log4j",
    "logback-classic": "ch.qos.logback",
    "logback-core": "ch.qos.logback",
    "mail": "javax.mail",
    "mysql-connector-j": "com.mysql",
    "mysql-connector-java": "mysql",
    "ognl": "ognl",
    "okio": "com.squareup.okio",
    "oro": "oro",
    "plexus-utils": "org.codehaus.plexus",
    "postgresql": "org.postgresql",
    "protobuf-java": "com.google.protobuf",
    "quartz": "org.quartz-scheduler",
    "rhino": "org.mozilla",
    "scala-library": "org.scala-lang",
    "scala-reflect": "org.scala-lang",
    "serializer": "xalan",
    "servlet-api": "javax.servlet",
    "shiro-core": "org.apache.shiro",
    "shiro-web": "org.apache.shiro",
    "slf4j-api": "org.slf4j",
    "snakeyaml": "org.yaml",
    "snappy-java": "org.xerial.snappy",
    "sqlite-jdbc": "org.xerial",
    "struts": "struts",
    "struts2-core": "org.apache.struts",
    "undertow-core": "io.undertow",
    "velocity-engine-core": "org.apache.velocity",
    "velocity-tools": "org.apache.velocity",
    "woodstox-core": "com.fasterxml.woodstox",
    "xalan": "xalan",
    "xercesImpl": "xerces",
    "xml-apis": "xml-apis",
    "xmlpull": "xmlpull",
    "xstream": "com.thoughtworks.xstream",
    "zookeeper": "org.apache.zookeeper",
}
_MOVED: Final[dict[str, tuple[tuple[tuple[int, ...], str], ...]]] = {
    "ant": (((1, 7), "ant"), ((), "org.apache.ant")),
    "asm": (((4,), "asm"), ((), "org.ow2.asm")),
    "asm-analysis": (((4,), "asm"), ((), "org.ow2.asm")),
    "asm-commons": (((4,), "asm"), ((), "org.ow2.asm")),
    "asm-tree": (((4,), "asm"), ((), "org.ow2.asm")),
    "asm-util": (((4,), "asm"), ((), "org.ow2.asm")),
    "axis": (((1, 4), "axis"), ((), "org.apache.axis")),
    "c3p0": (((0, 9, 2), "c3p0"), ((), "com.mchange")),
    "commons-jexl": (((2,), "commons-jexl"), ((), "org.apache.commons")),
    "commons-math": (((2,), "commons-math"), ((), "org.apache.commons")),
    "groovy": (((1, 5), "groovy"), ((4,), "org.codehaus.groovy"), ((), "org.apache.groovy")),
    "hibernate-core": (((6,), "org.hibernate"), ((), "org.hibernate.orm")),
    "hibernate-validator": (((6,), "org.hibernate"), ((), "org.hibernate.validator")),
    "javassist": (((3, 12), "javassist"), ((), "org.javassist")),
    "jdom": (((1, 1), "jdom"), ((), "org.jdom")),
    "netty": (((3, 3), "org.jboss.netty"), ((), "io.netty")),
    "okhttp": (((3,), "com.squareup.okhttp"), ((), "com.squareup.okhttp3")),
    "poi": (((3, 0, 1), "poi"), ((), "org.apache.poi")),
    "velocity": (((1, 5), "velocity"), ((), "org.apache.velocity")),
    "xmlsec": (((1, 4, 4), "xml-security"), ((), "org.apache.santuario")),
}
"""Artifact -> the versions below which a group published it, rising; `()` for all above."""
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
_LONGEST_PATH: Final = 1_024
_NUMBERS: Final = pattern(r"\d{1,9}(?:\.\d{1,9}){0,3}")
_REPOSITORY: Final = pattern(
    r"(?:^|.*[/!])(?:\.?m2/repository|maven2|repository)/((?:[A-Za-z_][\w-]*/)+)([^/!]+)/([^/!]+)/([^/!]+)"
)
_GRADLE: Final = pattern(r"(?:^|.*/)files-2\.\d/([\w.-]+)/([^/!]+)/([^/!]+)/[0-9a-f]{8,64}/([^/!]+)")


def of_repository(path: str) -> tuple[str, str, str] | None:
    """(group, artifact, version) of an archive that lies in a repository of Maven's or a cache of Gradle's, whose
    folders name all three; None where `path` is none of one."""
    if len(path) > _LONGEST_PATH:
        return None
    if (found := _REPOSITORY.fullmatch(path)) is None and (found := _GRADLE.fullmatch(path)) is None:
        return None
    group, artifact, version, name = found.groups()
    return (group.strip("/").replace("/", "."), artifact, version) if name.startswith(f"{artifact}-{version}") else None


def group_of(artifact: str, version: str) -> str:
    """The group that publishes `artifact` in `version`, "" where it is not known."""
    if moved := _MOVED.get(artifact):
        match = _NUMBERS.match(version)
        numbers = tuple(int(one) for one in match[0].split(".")) if match else ()
        return next(group for below, group in moved if not below or numbers < below)
    if found := _EXACT.get(artifact):
        return found
    if artifact.startswith("spring-") and artifact.removeprefix("spring-") in _SPRING:
        return "org.springframework"
    return next((group for prefix, group in _PREFIXES if artifact.startswith(prefix)), "")
