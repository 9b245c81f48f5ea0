"""Every numeric bound on hostile input, one line each with its reason (DESIGN section 7)."""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

# files and discovery
FILE_BYTES: Final = 16 * MIB  # the largest real manifest seen is 4 MiB; more is a bomb or a data file
FILES_PER_TARGET: Final = 200_000  # ten times the largest monorepo seen
DIRECTORY_DEPTH: Final = 64  # deeper than any real tree; stops loops made by mounts
SNIFF_BYTES: Final = 4 * KIB  # what a reader may look at before it says whether it wants a file
PROBLEMS_PER_TARGET: Final = 1_000  # listed one by one; the rest is counted
IGNORE_BYTES: Final = 1 * MIB  # size of one ignore file; GitHub's whole collection of templates has 300 KiB
IGNORE_RULES: Final = 5_000  # rules of one ignore file, each costs time for every entry
WAIVERS_PER_FILE: Final = 1_000  # comments that waive something; a file that needs more is waived as a whole
WAIVER_BLOCK_LINES: Final = 20_000  # that one of them may hold for; each is walked over
IGNORE_LINE_CHARACTERS: Final = 4 * KIB  # longer than any path that can be opened
LINE_BYTES: Final = 1 * MIB  # a longer line is a minified or hostile file; only whole-file formats (JSON) may exceed it

# archives
ARCHIVE_MEMBERS: Final = 50_000  # members looked at before the rest is refused
ARCHIVE_READ: Final = 5_000  # files of one that are judged; each may be a workload, some 40 KB with its findings
ARCHIVE_BYTES: Final = 256 * MIB  # sum of unpacked bytes of the members that are read
ARCHIVE_RATIO: Final = 200  # unpacked : packed; real text stays below 50
ARCHIVE_RATIO_BYTES: Final = 1 * MIB  # a ratio says nothing about less unpacked than this
ARCHIVE_STREAM_BYTES: Final = 4096 * MIB  # unpacked bytes passed over in search of members; some 20 s
ARCHIVE_OTHER_BYTES: Final = 1 * MIB  # a member nobody wants at once is kept up to this (an env file asked for later)
ARCHIVE_OTHERS_BYTES: Final = 64 * MIB  # the sum of those
ARCHIVE_HEADER_BYTES: Final = 64 * KIB  # a long name or extended header of a tar member
ARCHIVE_DIRECTORY_BYTES: Final = 16 * MIB  # central directory of a zip: 50,000 names of 300 characters
ARCHIVE_XZ_BYTES: Final = 128 * MIB  # memory of the xz decoder; `xz -9` asks for 65 MiB

# YAML and JSON
YAML_DEPTH: Final = 200  # nesting of collections; Kubernetes schemas stay below 40
YAML_NODES: Final = (
    1_500_000  # values and keys of one document, aliases expanded (alias bombs); a collection counts twice
)
JSON_ESCAPES: Final = (
    700_000  # backslashes in one document; the reader of the standard library takes 160 bytes for each
)
YAML_PLACES: Final = 400_000  # of a larger document only the beginning is known; the largest real one seen has 60,000
YAML_SIMPLE_CHARACTERS: Final = 256 * KIB  # of a document that is split into lines as a whole, some 60 bytes for each
YAML_DOCUMENTS: Final = 20_000  # documents in one file
YAML_DIRECTIVES: Final = 64  # %TAG lines of one document, which libyaml compares with each other

# Kubernetes
KUBERNETES_ENTRIES: Final = 400_000  # list items, labels and the like in one file; a container or object counts as 30
KUBERNETES_PROBLEMS: Final = 50  # values of a wrong type told for one file; each costs a look at its place
KUSTOMIZE_DEPTH: Final = 32  # kustomizations that lead to one another
KUSTOMIZE_VALUES: Final = 200_000  # of one document, aliases counted where they stand
KUSTOMIZE_OBJECTS: Final = 20_000  # of one build; each may be looked at by every patch

# HCL, Terraform
HCL_DEPTH: Final = 60  # blocks, brackets and operators in one another; real files stay below 20
HCL_PARTS: Final = 200_000  # expressions of one file; the largest real one seen has 3,000
TERRAFORM_FILES: Final = 1_000  # of one module; the largest real one seen has 40
TERRAFORM_STEPS: Final = 2_000_000  # values worked out or looked at for one module and those that it calls
TERRAFORM_TEXT: Final = 1 * MIB  # characters of one text that is put together
TERRAFORM_ITEMS: Final = 10_000  # of a list that a `for` goes through
TERRAFORM_INSTANCES: Final = 100  # of one resource or module (`count`, `for_each`) that are told apart
TERRAFORM_RESOURCES: Final = 3_000  # of one file with those of the modules that it calls, each instance counted
TERRAFORM_MODULES: Final = 500  # calls of modules by one module, those of the called ones counted in
TERRAFORM_RELEASES: Final = 30  # of charts of the target, rendered for one file
TERRAFORM_DEPTH: Final = 24  # modules in modules, values that lead to one another
TERRAFORM_PROBLEMS: Final = 50  # told of one file; the rest is summed up
CLOUDFORMATION_RESOURCES: Final = 5_000  # of one template; CloudFormation takes 500
CLOUDFORMATION_STEPS: Final = 200_000  # values worked out for one template, those that functions repeat among them
CLOUDFORMATION_TEXT: Final = 1 * MIB  # characters of one text that functions put together

# Helm
HELM_FILES: Final = 10_000  # of one chart with all charts in it
HELM_BYTES: Final = 64 * MIB  # of them together, unpacked
HELM_DEPTH: Final = 32  # folders in folders, charts in charts
HELM_BLOCKS: Final = 100  # `if` in `if` of one template, parentheses in one expression
HELM_OBJECTS: Final = 20_000  # of one release
HELM_OUTPUT: Final = 64 * MIB  # of all that one rendering prints
HELM_SECONDS: Final = 30  # for one rendering; the largest real charts take half a second
HELM_MEMORY: Final = 4096 * MIB  # of addresses: the runtime of Go reserves 1.8 GiB before it begins
HELM_LIST: Final = 65_536  # the greatest index in a `--set`, as in Helm
HELM_PATH: Final = 30  # parts of the path in a `--set`, as in Helm

# pipelines
PIPELINE_JOBS: Final = 500  # of one pipeline, each of which knows all before it; GitLab itself refuses more
PIPELINE_STEPS: Final = 10_000  # of one pipeline; anchors of YAML multiply them
PIPELINE_DEPTH: Final = 32  # templates, includes and `extends` that lead to one another; GitLab allows 11
PIPELINE_INCLUDES: Final = 150  # files that one pipeline draws in; GitLab's own limit
PIPELINE_SCRIPT: Final = 64 * KIB  # characters of one script that is read as shell; longer ones are programs
GROOVY_CHARACTERS: Final = 256 * KIB  # of one Jenkinsfile; the JVM refuses methods of more than 64 KiB
GROOVY_DEPTH: Final = 100  # brackets in one another; Jenkins itself gives up before

# Findings
FAILURES: Final = 500  # of one check in one resource that are reported, and the others counted; real files have dozens

# Dockerfiles
DOCKERFILE_BYTES: Final = 256 * KIB  # what is found in that many may take 50 MB; the largest real one seen has 50 KiB
DOCKERFILE_INSTRUCTIONS: Final = 2_500  # the largest real file seen has 400 lines
DOCKERFILE_EXPANSION: Final = 64 * KIB  # characters of one word after ${NAME} is expanded (ENV A=$A$A, again and again)
DOCKERFILE_EXPANSION_TOTAL: Final = 2 * MIB  # what all expansions of one file may cost; the others are unknown
DOCKERFILE_PATTERN_VALUE: Final = 512  # length of a value in ${NAME/pattern/text}, which costs its square
DOCKERFILE_INSTRUCTION: Final = 256 * KIB  # one instruction with its continued lines; the largest real one is 20 KiB
DOCKERFILE_LINES: Final = 125_000  # the largest real file seen has 400
DOCKERFILE_WORDS: Final = 50_000  # arguments and flags of all instructions together
DOCKERFILE_CONTEXT: Final = 2_000  # looks into the build context (first bytes, listings) for the ADDs of one file
DOCKERFILE_STAGE_CHAIN: Final = 256  # stages built on stages that are followed for a variable; real files stay below 10
SHELL_TEXT: Final = 64 * KIB  # one RUN script; the largest real one seen is 20 KiB
SHELL_DEPTH: Final = 4  # sh -c 'sh -c "…"' and scripts in substitutions that are read again
SHELL_COMMANDS: Final = 5_000  # simple commands of one script
SHELL_SECONDS: Final = 0.5  # some text makes the grammar slow (long pipelines); real scripts take milliseconds
SHELL_ARRAYS: Final = 200  # NAME=( in one script; the grammar takes quadratic time when they are nested
INTERPOLATION_DEPTH: Final = 16  # nested ${A:-${B}} in Compose files
INTERPOLATION_CHARACTERS: Final = 64 * KIB  # what variables add to one text (A=$A$A, again and again)

# Compose
COMPOSE_INCLUDES: Final = 64  # files that one project may pull in through extends and include
COMPOSE_CHAIN: Final = 32  # services that extend one another, or files that include one another, in a row
COMPOSE_PARTS: Final = 300_000  # values looked at while one project is read; the largest real one seen takes 1,500
COMPOSE_PROBLEMS: Final = 100  # told of one project; the rest is summed up
COMPOSE_COMMAND: Final = 16 * KIB  # characters of a command that are split into words
COMPOSE_VARIABLES: Final = 4 * MIB  # characters that variables add to one project
ENV_FILE_VARIABLES: Final = 10_000  # variables of one env file

# unit files (Quadlet)
UNIT_BYTES: Final = 1 * MIB  # one unit file or drop-in; real ones stay below 10 KiB
UNIT_ASSIGNMENTS: Final = 10_000  # assignments in one unit file
UNIT_DROPINS: Final = 64  # drop-ins merged into one unit
UNIT_FOLDERS: Final = 128  # of one search path, looked into for drop-ins and units that one names
UNIT_SIBLINGS: Final = 64  # volume units that one unit names and that are looked up

# Amazon ECS
ECS_CONTAINERS: Final = 2_000  # containers of one file; a task has at most ten
ECS_VALUES: Final = 200_000  # keys and values of one file; a large task definition has 500
ECS_PROBLEMS: Final = 50  # told of one file; the rest is summed up
ECS_INHERITED_MOUNTS: Final = 10_000  # mounts that containers of one task have from others (volumesFrom)

# docker inspect, podman inspect
INSPECT_RECORDS: Final = 2_000  # of one file; a host runs some hundreds of containers
INSPECT_VALUES: Final = 1_000_000  # keys and values of one file; a record has 400

# container engines
ENGINE_RECORDS: Final = 5_000  # containers, networks … of one engine, each; a large host runs some hundreds
ENGINE_ANSWER_BYTES: Final = 16 * MIB  # one answer; the list of 5,000 containers has 6 MiB
ENGINE_BYTES: Final = 256 * MIB  # all answers; 5,000 records of containers have 60 MiB
ENGINE_VALUES: Final = 500_000  # keys and values of one answer; a listed container has 40
ENGINE_RECORD_BYTES: Final = 1 * MIB  # one record; those of containers have 12 KiB
ENGINE_DEPTH: Final = 32  # levels of one answer; real ones have eight
ENGINE_ANSWER_SECONDS: Final = 60.0  # without a byte; Podman looks at every file of a container before it answers
ENGINE_SECONDS: Final = 600  # for all of it

# clusters
CLUSTER_PAGE: Final = 500  # objects asked for at once, as kubectl does
CLUSTER_ANSWER_BYTES: Final = 32 * MIB  # one page; 500 pods have 5 MiB. A larger one is asked for in smaller pages
CLUSTER_BYTES: Final = 4 * 1024 * MIB  # all answers; 10,000 objects have some 60 MiB
CLUSTER_OBJECTS: Final = 500_000  # of all kinds; the largest clusters have some 300,000
CLUSTER_OBJECT_BYTES: Final = 2 * MIB  # one object; etcd takes 1.5 MiB
CLUSTER_ANSWER_SECONDS: Final = 60.0  # without a byte; the API server gives up after as long
CLUSTER_CONNECT_SECONDS: Final = 10.0
CLUSTER_SECONDS: Final = 1_800  # for all of it
CLUSTER_ATTEMPTS: Final = 5  # of one question that meets a busy server
CLUSTER_RESTARTS: Final = 3  # of one list whose place was forgotten by the server (410)
CLUSTER_WAIT_SECONDS: Final = 30.0  # the longest Retry-After that is waited for
CLUSTER_VERSIONS: Final = 20  # of one API group
CLUSTER_NAMESPACES: Final = 500  # named in one call
KUBECONFIG_FILES: Final = 50
KUBECONFIG_SECONDS: Final = 60  # for a credential plug-in; some ask for a second factor elsewhere
KUBECONFIG_OUTPUT: Final = 1 * MIB  # of a credential plug-in; a token and a certificate have some 10 KiB

# saved reports
REPORT_BYTES: Final = 64 * MIB  # one saved report; 5,000 findings make 5 MiB, parsing takes up to ten times its size
REPORT_NUMBER: Final = 2**31 - 1  # lines, columns and counts of a saved report

# bills of materials and other scanners' reports
SBOM_PACKAGES: Final = 50_000  # of one document; the largest real images have some 10,000
SBOM_DEPTH: Final = 40  # components in components; real ones have three
SBOM_NEEDS: Final = 500_000  # relations between packages that are kept; a large image has 30,000
SBOM_FIELD: Final = 2 * KIB  # characters of one text that is kept
SBOM_LIST: Final = 1_000  # paths, licences or layers of one package or image
SBOM_NODES: Final = 1_000_000  # elements of one XML document; some 200 bytes each
SBOM_GRAPH: Final = 400_000  # elements of one SPDX 3 document
IMPORT_ROWS: Final = 50_000  # flaws of one imported report; some 3 KiB each at worst
IMPORT_ALIASES: Final = 100  # identifiers of one flaw; real ones have up to 20

# secrets
SECRETS_PER_FILE: Final = 500  # found in one file; more is a list of test vectors
SECRET_WORDS_PER_FILE: Final = 2_000  # tokens, and addresses with a login, among the different words of one file
SECRET_NAMES_PER_FILE: Final = 50_000  # places of each syllable of a secret's name that are looked at; some 0.3 s
SECRET_COMMANDS_PER_FILE: Final = 5_000  # commands of each kind that are searched for a password; some 0.2 s
SECRET_BLOCK_CHARACTERS: Final = 16 * KIB  # from BEGIN to END of a private key; RSA of 16,384 bits has 13 KiB

# versions
VERSION_CHARACTERS: Final = 512  # one version; the longest real one seen has 120, npm takes 256
VERSION_RANGE_CHARACTERS: Final = 16 * KIB  # one range; an advisory that lists every affected version has 4 KiB
VERSION_CACHE: Final = 32_768  # parsed versions kept, at most 3 KiB each
VERSION_CACHED_CHARACTERS: Final = 64  # a longer version is parsed again each time, so that the cache stays small

# images and registries
IMAGE_MANIFEST_BYTES: Final = 4 * MIB  # what the OCI distribution specification asks registries to take
IMAGE_CONFIG_BYTES: Final = 4 * MIB  # configuration with its history; real ones stay below 1 MiB with labels of SBOMs
IMAGE_LAYERS: Final = 1_000  # of one image; overlay file systems stop at 128 to 500
IMAGE_INDEX_DEPTH: Final = 4  # indexes in indexes; real ones have two levels
IMAGE_INDEX_MANIFESTS: Final = 1_000  # manifests looked at for one reference; the largest real index has some 50
IMAGE_NAME: Final = 1 * KIB  # characters of a member's name; those of blobs have 150
IMAGE_LINKS: Final = 8  # links followed from one member of an archive to the next
IMAGE_ARCHIVE_BYTES: Final = 64 * 1024 * MIB  # unpacked bytes of a packed archive put into a temporary file
IMAGE_ARCHIVE_RATIO: Final = 1_000  # unpacked : packed there; sparse disk images in layers reach some hundred
IMAGE_ARCHIVE_FREE_BYTES: Final = 512 * MIB  # what such a temporary file leaves free on its disk
IMAGE_SNIFF_BYTES: Final = 32 * MIB  # unpacked bytes looked at to tell an image archive from another; 0.1 s
IMAGE_SNIFF_MEMBERS: Final = 2_000  # and members; archives of images have some hundred
IMAGE_ZSTD_WINDOW: Final = 128 * MIB  # memory of the zstd decoder; what `zstd -d` grants without being asked
REGISTRY_ANSWER_BYTES: Final = 4 * MIB  # tokens, lists of tags and referrers, one page
REGISTRY_ERROR_BYTES: Final = 64 * KIB  # of an answer that refuses
REGISTRY_ANSWER_SECONDS: Final = 120  # for one of those in whole, however slowly it drips
REGISTRY_LIST_BYTES: Final = 16 * MIB  # and all pages together; as Python objects they take up to twenty times as much
REGISTRY_PAGES: Final = 1_000  # of one list of tags or referrers
BASE_IMAGE_BYTES: Final = 256 * MIB  # stored layers of a newer base that is read along; full ones have some 50
BASE_IMAGES: Final = 50  # names of bases that registries are asked about in one scan
PINNED_TAGS: Final = 2_000  # names that registries are asked about in one `batten fix --pin`
FIX_SHARED_PLACES: Final = 1_000  # places with the value of one anchor that are mended together; some 3 s
REGISTRY_TAGS: Final = 200_000  # of one repository; the largest real ones have some 100,000
REGISTRY_REDIRECTS: Final = 5  # from a registry to where its blobs lie; real ones need one or two
REGISTRY_WAIT_SECONDS: Final = 60  # the longest Retry-After that is waited for
REGISTRY_SLOW_BYTES: Final = 16 * KIB  # less than this in REGISTRY_SLOW_SECONDS is a connection that hangs
REGISTRY_SLOW_SECONDS: Final = 60
REGISTRY_FILE_BYTES: Final = 4 * MIB  # config.json, auth.json, registries.conf, daemon.json
REGISTRY_TOKEN_BYTES: Final = 64 * KIB  # a token, or what a credential helper prints
CREDENTIAL_HELPER_SECONDS: Final = 30  # some ask the cloud they belong to

# layers of images
LAYER_MEMBERS: Final = 1_000_000  # members of one layer; the largest real images have some 400,000 in all
IMAGE_MEMBERS: Final = 1_500_000  # members of all layers of an image, held as one tree; some 150 bytes each
IMAGE_FOLDERS: Final = 500_000  # folders of the tree, each a dictionary; the largest real images have some 60,000
LAYER_NAME_BYTES: Final = 64 * MIB  # of all names of one layer; a million names have 60 characters each
LAYER_NAME: Final = 4 * KIB  # PATH_MAX of Linux
LAYER_DEPTH: Final = 256  # folders in folders; Linux opens no path of more than PATH_MAX, real ones stay below 40
LAYER_HEADER_BYTES: Final = 1 * MIB  # one extended header; Go's reader, which every engine uses, has the same bound
LAYER_UNPACKED_BYTES: Final = 64 * 1024 * MIB  # of one layer; some minutes of hashing
LAYER_RATIO: Final = 400  # unpacked : stored; a layer of logs or zeros stays below, gzip's own bound is 1,032
LAYER_RATIO_BYTES: Final = 64 * MIB  # a ratio says nothing about less unpacked than this
LAYER_SECONDS: Final = 1_800  # for one layer; 64 GiB take ten minutes
IMAGE_SECONDS: Final = 7_200  # for all layers of one image; those that come later are not read
LAYER_PROBLEMS: Final = 50  # told of one layer; the rest is counted
LAYER_WINDOW: Final = 128 * MIB  # memory of the zstd decoder; `--long=27` is what decoders take unasked
LAYER_MEMBER_BYTES: Final = 512 * MIB  # a member that is looked into; it is mapped from an anonymous file, not held
LAYER_MEMBER_MEMORY: Final = 8 * MIB  # a larger one goes to that file
LAYER_SPARSE_PARTS: Final = 100_000  # pieces of one sparse file
LAYER_LOOKED_INTO_BYTES: Final = 16 * 1024 * MIB  # of all members of one layer that are looked into
LAYER_SECRET_BYTES: Final = 256 * KIB  # a text file that is searched for secrets; larger ones are data
LAYER_SECRETS_BYTES: Final = 64 * MIB  # searched in one layer; some 10 s
HISTORY_SECRETS_CHARACTERS: Final = 512 * KIB  # of all steps of an image searched for secrets; some 1.5 s at worst
LAYER_PACKAGES: Final = 100_000  # told in one layer, each some 1 KiB; the largest real images have some 20,000
LAYER_OWNED_BYTES: Final = 64 * MIB  # of the lists of files of packages in one layer; a desktop has 15 MiB
LAYER_NAMES_KEPT: Final = 500_000  # libraries of programs, commands and imports of scripts in one layer
LAYER_MARKS: Final = 50_000  # notable files of one layer
LAYER_CACHES: Final = 1_000  # folders of package managers' caches in one layer
IMAGE_PACKAGES: Final = 200_000  # held at once while layers are laid over each other
IMAGE_FILES_PER_KIND: Final = 1_000  # notable files of one kind that are listed; the rest is counted
SYMLINKS: Final = 40  # followed for one path (MAXSYMLINKS of Linux)
SYMLINKS_FOLLOWED: Final = 50_000_000  # characters of all targets followed in one image; some 5 s
ELF_NEEDED: Final = 1_000  # libraries that one program names
ENTRY_FILES: Final = 20_000  # files that the entry point reaches
ENTRY_LOOKUPS: Final = 300_000  # of programs, libraries and modules while that is found out; some 1 s
ROOT_FILES: Final = 1_500_000  # files of a root directory

# package databases of operating systems
PACKAGE_TEXT_BYTES: Final = 32 * MIB  # read of a database that is text; that of a full desktop has 6 MiB
PACKAGE_DATABASE_BYTES: Final = 256 * MIB  # of an rpm database; one with 2,000 packages has 100 MiB
PACKAGES_PER_FILE: Final = 50_000  # records of one database; Debian has 65,000 packages in all, images below 5,000
PACKAGE_NAME: Final = 256  # characters of a name; the longest of Debian has 90
PACKAGE_FIELD: Final = 1 * KIB  # characters of a licence or vendor; Fedora's longest licence has some 700
PACKAGE_LICENSES: Final = 64  # of one package; the kernel's copyright file names some 40
PACKAGE_COPYRIGHT_BYTES: Final = 1 * MIB  # of one copyright file; a browser's has more, and tells nothing new there
PACKAGE_DEPENDS: Final = 1_000  # names that one package depends on
PACKAGE_DEPENDS_TOTAL: Final = 500_000  # and all of one database; a full desktop has 30,000
PACKAGE_PROVIDES_TOTAL: Final = 1_000_000  # names that packages of one database provide or need; a desktop: 150,000
PACKAGE_PATHS: Final = 1_000_000  # files that all packages of one database own; the largest images have 400,000
PACKAGE_PATHS_CHARACTERS: Final = 64 * MIB  # and the sum of their lengths
PACKAGE_LIST_BYTES: Final = 8 * MIB  # one list of a package's files; the longest of Debian has some 3 MiB
RPM_HEADER_BYTES: Final = 64 * MIB  # one package's record; the largest real one seen has 3 MiB, rpm's bound is 256
RPM_HEADER_TAGS: Final = 65_535  # rpm's own bound
RELEASE_FILE_BYTES: Final = 64 * KIB  # os-release and the like; real ones stay below 1 KiB

# metadata of language packages
JAVA_DEPTH: Final = 8  # archives in archives; a library in a web archive in an enterprise archive is the third
JAVA_ARCHIVES: Final = 10_000  # archives within one; a large server has some 800
JAVA_MEMBERS: Final = 1_000_000  # of all archives within one; the largest real ones have some 200,000
JAVA_HELD_BYTES: Final = 128 * MIB  # unpacked at one time; archives that are stored are read as they lie
JAVA_UNPACKED_BYTES: Final = 1024 * MIB  # unpacked of all within one, one after the other; some 5 s
LANGUAGE_JSON_BYTES: Final = 8 * MIB  # of one list of packages; real ones stay below 3 MiB; takes up to 25 times that
GO_MODULES_BYTES: Final = 4 * MIB  # the text of modules in one program; Kubernetes has 20 KiB
BINARY_SEARCHED_BYTES: Final = 256 * MIB  # for one version string, in all sections; some seconds
RUST_CRATES_BYTES: Final = 8 * MIB  # the list of crates in one program, unpacked; one with 1,000 crates has 150 KiB

# lock files
LOCK_CHECKSUMS: Final = 64  # of one package; a Python project has a file for each platform, numpy some 50
LOCK_TOML_CHARACTERS: Final = 8 * MIB  # of a lock file in TOML; the largest real one seen has 3 MiB, 1 MiB takes 1 s
LOCK_LINES: Final = 300_000  # of a lock file that is read line by line; the largest real one seen has 60,000
LOCK_ENTRIES: Final = 200_000  # packages looked at in one file, however often each is named
LOCK_XML_ELEMENTS: Final = 200_000  # elements and attributes of a project file; the largest real one seen has 9,000
LOCK_DEPTH: Final = 64  # packages in packages, elements in elements; npm's own trees stay below 12

# the cache of layers
LAYER_CACHE_BYTES: Final = 1024 * MIB  # all entries; the oldest go. A layer of 30,000 files takes 1 MiB
LAYER_CACHE_ENTRY: Final = 256 * MIB  # one entry, unpacked

# the vulnerability database
ADVISORY_BYTES: Final = 16 * MIB  # one advisory; the largest real one (Red Hat CSAF) has 12 MiB unpacked
ADVISORY_TEXT: Final = 400  # characters of a summary or a problem that are kept
ADVISORY_ALIASES: Final = 500  # identifiers of one flaw; real ones have up to 20
ADVISORY_DEPTH: Final = 64  # elements in one another in an XML feed; OVAL has some 15
ADVISORY_NODES: Final = 500_000  # elements of one entry, and characters of one text; the kernel's has 30,000
ADVISORY_PAGE: Final = 256 * KIB  # a page of a product at endoflife.date; the largest real one has 20 KiB
FEED_BYTES: Final = 192 * MIB  # one document of a feed that is decoded whole; Debian's tracker has some 70 MiB
FEED_UNPACKED_BYTES: Final = (
    48 * 1024 * MIB
)  # one feed in all, as a stream; every CSAF document of SUSE has some 17 GiB
FEED_MEMBERS: Final = 2_000_000  # of one archive; all of OSV has some 700,000
FEED_LINE: Final = 16 * MIB  # one line of a feed of lines
FEED_FILES: Final = 200_000  # files of a mirror
FEED_PACKED_BYTES: Final = 4 * 1024 * MIB  # one feed as it is fetched
FEED_XZ_BYTES: Final = 128 * MIB  # memory of the xz decoder
FEED_WINDOW: Final = 128 * MIB  # memory of the zstd decoder
VULNERABILITY_ROWS: Final = 200_000  # of all targets of a scan, some 0.7 KiB each; an old image has 5,000
VEX_BYTES: Final = 16 * MIB  # one file of VEX statements; Red Hat's largest on one flaw has 12 MiB
FEED_LEAD_BYTES: Final = 1 * MIB  # what names a feed: mirror.list, repomd.xml
FEED_CHANGES_BYTES: Final = 32 * MIB  # a list of changes; Red Hat's names every document, some 5 MiB
FEED_CHANGES: Final = 30_000  # documents newer than the archive of a provider, which is made anew every few days
FEED_REDIRECTS: Final = 5
FEED_WAIT_SECONDS: Final = 30  # the longest Retry-After that is waited for
FEED_SLOW_BYTES: Final = 1 * KIB  # per second; less than this for FEED_SLOW_SECONDS is a server that hangs
FEED_SLOW_SECONDS: Final = 60
DATABASE_BYTES: Final = 8 * 1024 * MIB  # a database that is imported, unpacked
DATABASE_MANIFEST_BYTES: Final = 1 * MIB  # what describes an exported one

# rules of one's own
RULE_FILE_BYTES: Final = 1 * MIB  # one file of rules with its examples
RULE_FILES: Final = 500  # of one configuration
RULES: Final = 2_000  # of one configuration, each is asked of every noun
RULE_EXPRESSION: Final = 4 * KIB  # characters; the longest policy expression of Kubernetes' own documents has 600
RULE_DEPTH: Final = 80  # operators and parentheses in one another; the library refuses some 95 and may die of 10,000
RULE_STEPS: Final = 200_000  # of one evaluation, estimated before it; a step takes some microsecond
RULE_SCAN_STEPS: Final = 20_000_000  # of one rule in one scan, some 20 s
RULE_MESSAGE: Final = 2 * KIB  # characters of a message with its values

# Servers for editors and agents
MCP_LINE_BYTES: Final = 2 * FILE_BYTES  # one message; it may hold the text of a file, escaped
MCP_WAITING: Final = 64  # calls that wait; a client that asks for more at once is out of hand
MCP_FINDINGS: Final = 500  # in one answer; a model reads every one of them
MCP_PATHS: Final = 100  # of one call
MCP_TEXT: Final = 60_000  # characters of a text, a diff or a list in one answer, some 15,000 tokens
