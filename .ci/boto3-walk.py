"""Uses boto3 against an embedded AWS: typed answers, paginators and waiters of botocore.

    npx local-aws exec --clock 30 -- python .ci/boto3-walk.py

Prints PASS or FAIL for each step and a count; exits 1 if a step failed.
"""

import datetime
import sys
import traceback

import boto3

ecs = boto3.client("ecs")
QUICK = {"Delay": 1, "MaxAttempts": 120}
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-0a1b2c3d"], "assignPublicIp": "ENABLED"}}


def register(family, behaviour):
    definition = ecs.register_task_definition(
        family=family,
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[
            {
                "name": "main",
                "image": "registry.example.com/app:1",
                "dockerLabels": {"local-aws.behaviour": behaviour},
            }
        ],
    )["taskDefinition"]
    assert isinstance(definition["registeredAt"], datetime.datetime)
    return definition["taskDefinitionArn"]


def services_stable():
    ecs.create_service(
        cluster="boto",
        serviceName="web",
        taskDefinition=register("web", "healthy"),
        desiredCount=3,
        launchType="FARGATE",
        networkConfiguration=NETWORK,
    )
    ecs.get_waiter("services_stable").wait(cluster="boto", services=["web"], WaiterConfig=QUICK)
    [service] = ecs.describe_services(cluster="boto", services=["web"])["services"]
    assert service["runningCount"] == 3, service["runningCount"]
    assert all(isinstance(event["createdAt"], datetime.datetime) for event in service["events"])


def list_tasks_in_pages():
    pages = list(ecs.get_paginator("list_tasks").paginate(cluster="boto", PaginationConfig={"PageSize": 2}))
    assert [len(page["taskArns"]) for page in pages] == [2, 1], pages
    arns = [arn for page in pages for arn in page["taskArns"]]
    assert len(set(arns)) == 3, arns


def revisions_in_pages():
    for _ in range(4):
        register("many", "healthy")
    paginator = ecs.get_paginator("list_task_definitions")
    pages = paginator.paginate(familyPrefix="many", sort="DESC", PaginationConfig={"PageSize": 3})
    revisions = [arn.rsplit(":", 1)[1] for page in pages for arn in page["taskDefinitionArns"]]
    assert revisions == ["4", "3", "2", "1"], revisions


def run(behaviour):
    answer = ecs.run_task(
        cluster="boto",
        taskDefinition=register(f"once-{behaviour.replace(':', '-')}", behaviour),
        launchType="FARGATE",
        networkConfiguration=NETWORK,
    )
    assert answer["failures"] == [], answer["failures"]
    return answer["tasks"][0]["taskArn"]


def tasks_running_and_stopped():
    task = run("healthy")
    ecs.get_waiter("tasks_running").wait(cluster="boto", tasks=[task], WaiterConfig=QUICK)
    ecs.stop_task(cluster="boto", task=task)
    ecs.get_waiter("tasks_stopped").wait(cluster="boto", tasks=[task], WaiterConfig=QUICK)
    [stopped] = ecs.describe_tasks(cluster="boto", tasks=[task])["tasks"]
    assert stopped["startedAt"] < stopped["stoppedAt"], stopped


def tasks_running_fails_for_a_task_that_ends():
    waiter = ecs.get_waiter("tasks_running")
    try:
        waiter.wait(cluster="boto", tasks=[run("pull-error")], WaiterConfig=QUICK)
    except Exception as error:
        assert type(error).__name__ == "WaiterError" and "STOPPED" in str(error), error
    else:
        raise AssertionError("the waiter found the task running")


def services_inactive():
    ecs.delete_service(cluster="boto", service="web", force=True)
    ecs.get_waiter("services_inactive").wait(cluster="boto", services=["web"], WaiterConfig=QUICK)


def typed_errors():
    try:
        ecs.update_service(cluster="none", service="web")
    except ecs.exceptions.ClusterNotFoundException as error:
        assert error.response["ResponseMetadata"]["RequestId"]
    else:
        raise AssertionError("no error")


STEPS = [
    services_stable,
    list_tasks_in_pages,
    revisions_in_pages,
    tasks_running_and_stopped,
    tasks_running_fails_for_a_task_that_ends,
    services_inactive,
    typed_errors,
]

print(f"boto3 {boto3.__version__}")
ecs.create_cluster(clusterName="boto")
failed = 0
for step in STEPS:
    name = step.__name__.replace("_", " ")
    try:
        step()
        print(f"PASS  {name}")
    except Exception:
        failed += 1
        print(f"FAIL  {name}")
        traceback.print_exc(file=sys.stdout)
print(f"{len(STEPS) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
