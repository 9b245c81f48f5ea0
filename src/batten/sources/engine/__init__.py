"""Container engines, asked through their API: Docker, and Podman, which speaks Docker's and its own.

`docker:` and `podman:` alone, or with a place (`docker:unix:///run/docker.sock`, `docker:tcp://host:2376`,
`docker:@CONTEXT`), are the engine itself: what runs in it. With the name of an image they are that image
(`batten.sources.oci.engine_api`). Nothing is ever written: every question is a GET.
"""
