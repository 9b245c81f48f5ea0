"""ACC021 to ACC023: secrets in build arguments, on command lines, in what is built."""

import pytest

from harness import Case, assert_case, assert_mends, fails, mendable, passes, silent
from pipeline_cases import azure, declarative, gitlab, jenkins, workflow

TOKEN = "${{ secrets.NPM_TOKEN }}"
WITH = "withCredentials([string(credentialsId: 'x', variable: 'TOKEN')]) {\n  %s\n}"

SECRET_FILE = "echo $(API_KEY) > .env"

BOUND = "withCredentials([%s]) {\n  sh '%s'\n}"
SHORT = "string(credentialsId: 'x', variable: 'TOK')"
PATH = "file(credentialsId: 'x', variable: 'KUBECONFIG')"
PATH_OF_CLASS = "[$class: 'FileBinding', credentialsId: 'x', variable: 'KUBECONFIG']"
KEY = "sshUserPrivateKey(credentialsId: 'x', keyFileVariable: 'KEY')"

CASES = (
    fails("ACC022", jenkins(BOUND % (SHORT, "deploy --to $TOK")), at="$TOK"),
    passes("ACC022", jenkins(BOUND % (PATH, "kubectl --kubeconfig $KUBECONFIG get pods"))),
    passes("ACC022", jenkins(BOUND % (PATH_OF_CLASS, "kubectl --kubeconfig $KUBECONFIG get pods"))),
    passes("ACC022", jenkins(BOUND % (KEY, "ssh -i $KEY web true"))),
    fails("ACC021", jenkins('docker.build("a:1", "--build-arg V=${env.DB_PASSWORD} .")'), at="V=${env.DB_PASSWORD}"),
    passes("ACC021", gitlab("a:\n  script:\n    - docker build --build-arg V=$CI_COMMIT_SHA .\n")),
    passes("ACC021", azure("steps:\n- script: docker build --build-arg V=$(Build.BuildId) .\n")),
    passes("ACC021", declarative("sh 'docker build --build-arg V=$BUILD_ID .'")),
    passes("ACC022", azure("steps:\n- script: curl https://x/$(Build.BuildId)\n")),
    passes("ACC022", declarative("sh 'curl https://x/$BUILD_ID'")),
    fails("ACC023", azure(f"steps:\n- script: {SECRET_FILE}\n- script: docker build .\n"), at=SECRET_FILE),
    passes("ACC023", azure("steps:\n- script: echo $(Build.BuildId) > id\n- script: docker build .\n")),
    fails(
        "ACC023",
        workflow(f"- env: {{NPM_TOKEN: '{TOKEN}'}}\n  run: echo $NPM_TOKEN > .npmrc\n- run: docker build .\n"),
        at="> .npmrc",
    ),
    passes("ACC023", workflow("- run: echo $GITHUB_SHA > version\n- run: docker build .\n")),
    fails("ACC023", declarative(WITH % "sh 'echo $TOKEN > .env'" + "\nsh 'docker build .'"), at="> .env"),
    passes("ACC023", declarative("sh 'echo $BUILD_ID > id'\nsh 'docker build .'")),
    fails("ACC021", workflow(f"- run: docker build --build-arg T={TOKEN} .\n"), at="--build-arg"),
    fails(
        "ACC021",
        workflow(f"- uses: docker/build-push-action@v6\n  with:\n    build-args: |\n      A=b\n      T={TOKEN}\n"),
        at="T=${{",
    ),
    fails(
        "ACC021", workflow(f'- env: {{NPM_TOKEN: "{TOKEN}"}}\n  run: docker build --build-arg NPM_TOKEN .\n'), at="run:"
    ),
    passes("ACC021", workflow("- run: docker build --build-arg VERSION=${{ github.sha }} .\n")),
    passes("ACC021", workflow("- uses: docker/build-push-action@v6\n  with:\n    build-args: A=b\n")),
    silent("ACC021", workflow("- run: docker build --secret id=t,env=T .\n")),
    fails("ACC021", gitlab("a:\n  script:\n    - docker build --build-arg T=$NPM_TOKEN .\n"), at="T=$NPM_TOKEN"),
    fails(
        "ACC021",
        azure("steps:\n- task: Docker@2\n  inputs:\n    command: build\n    arguments: --build-arg T=$(NPM_TOKEN)\n"),
        at="arguments",
    ),
    fails(
        "ACC021",
        jenkins("node {\n  " + WITH % "docker.build('x', \"--build-arg T=${TOKEN} .\")" + "\n}\n"),
        at="docker.build",
    ),
    fails(
        "ACC022",
        workflow("- run: docker login -u me -p ${{ secrets.PASSWORD }} ghcr.io\n"),
        at="docker login",
        severity="medium",
        fix="review",
        becomes="| docker login -u me --password-stdin ghcr.io",
    ),
    fails(
        "ACC022",
        gitlab("a:\n  script:\n    - docker login -u $CI_REGISTRY_USER -p $CI_REGISTRY_PASSWORD $CI_REGISTRY\n"),
        at="docker login",
        fix="review",
        becomes="printf '%s' \"$CI_REGISTRY_PASSWORD\" | docker login",
    ),
    passes(
        "ACC022",
        gitlab(
            'a:\n  script:\n    - echo "$CI_REGISTRY_PASSWORD" | docker login -u $CI_REGISTRY_USER --password-stdin\n'
        ),
    ),
    fails(
        "ACC022",
        workflow('- env: {TOKEN: "${{ secrets.TOKEN }}"}\n  run: curl -H "Private-Token:$TOKEN" https://x\n'),
        at="curl",
        severity="low",
    ),
    passes("ACC022", workflow('- env: {REPO: "${{ secrets.ECR_REPOSITORY }}"}\n  run: make push $REPO\n')),
    passes("ACC022", gitlab("a:\n  variables: {TOKEN: none}\n  script:\n    - curl -d $TOKEN https://x\n")),
    fails("ACC022", declarative(WITH % 'sh "curl -u me:${TOKEN} https://x"'), at="curl", severity="medium"),
    fails("ACC022", declarative(WITH % "sh 'curl -u me:$TOKEN https://x'"), at="curl", severity="low"),
    fails("ACC022", azure("steps:\n- script: curl -u me:$(API_TOKEN) https://x\n"), at="curl"),
    silent("ACC022", workflow("- uses: actions/checkout@v4\n")),
    passes("ACC022", workflow('- run: gpg --import <(printf "%s" "${{ secrets.KEY }}")\n')),
    passes("ACC022", workflow("- run: git config a ${{ steps.secrets.outputs.name }}\n")),
    fails(
        "ACC023",
        gitlab("a:\n  script:\n    - echo $DATABASE_URL > .env\n    - echo $API_KEY >> .env\n    - docker build .\n"),
        at="$DATABASE_URL",
        says="and 1 more written into .env",
    ),
    passes("ACC023", gitlab("a:\n  script:\n    - echo $API_KEY > /tmp/key\n    - docker build .\n")),
    passes("ACC023", gitlab("a:\n  script:\n    - echo $CI_COMMIT_SHA > version\n    - docker build .\n")),
    silent("ACC023", gitlab("a:\n  script:\n    - echo $API_KEY > .env\n")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
