"""Uses boto3 against an embedded AWS: typed answers, paginators and waiters of botocore.

    npx local-aws exec --clock 30 -- python .ci/boto3-walk.py

Prints PASS or FAIL for each step and a count; exits 1 if a step failed.
"""

import datetime
import hashlib
import json
import sys
import time
import traceback
import urllib.request

import boto3

ecs = boto3.client("ecs")
ecr = boto3.client("ecr")
logs = boto3.client("logs")
elb = boto3.client("elbv2")
cloudwatch = boto3.client("cloudwatch")
codedeploy = boto3.client("codedeploy")
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


def eventually(read, expected):
    for _ in range(120):
        found = read()
        if found == expected:
            return
        time.sleep(0.5)
    raise AssertionError(f"{found} did not become {expected}")


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


def protected_task():
    [arn, *_] = ecs.list_tasks(cluster="boto", serviceName="web")["taskArns"]
    ecs.update_task_protection(cluster="boto", tasks=[arn], protectionEnabled=True, expiresInMinutes=60)
    [protected] = ecs.get_task_protection(cluster="boto", tasks=[arn])["protectedTasks"]
    assert protected["protectionEnabled"] and isinstance(protected["expirationDate"], datetime.datetime), protected
    ecs.update_task_protection(cluster="boto", tasks=[arn], protectionEnabled=False)


def stopped_service_deployment():
    ecs.update_service(cluster="boto", service="web", taskDefinition=register("web", "never-healthy"))
    listed = ecs.list_service_deployments(cluster="boto", service="web", status=["PENDING", "IN_PROGRESS"])
    [deployment] = listed["serviceDeployments"]
    arn = deployment["serviceDeploymentArn"]
    ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")

    def status():
        [described] = ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"]
        return described["status"]

    eventually(status, "ROLLBACK_SUCCESSFUL")


def capacity_providers():
    ecs.put_cluster_capacity_providers(
        cluster="boto",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
    )
    names = [provider["name"] for provider in ecs.describe_capacity_providers()["capacityProviders"]]
    assert {"FARGATE", "FARGATE_SPOT"} <= set(names), names
    definition = register("spot", "exit:0")
    answer = ecs.run_task(cluster="boto", taskDefinition=definition, networkConfiguration=NETWORK)
    assert answer["tasks"][0]["capacityProviderName"] == "FARGATE_SPOT", answer


def cluster_and_account_settings():
    insights = [{"name": "containerInsights", "value": "enabled"}]
    ecs.update_cluster_settings(cluster="boto", settings=insights)
    ecs.update_cluster(cluster="boto", settings=insights)
    [cluster] = ecs.describe_clusters(clusters=["boto"], include=["SETTINGS"])["clusters"]
    assert cluster["settings"] == insights, cluster
    ecs.put_account_setting(name="containerInsights", value="enabled")
    ecs.put_account_setting_default(name="containerInsights", value="enabled")
    settings = ecs.list_account_settings(name="containerInsights", effectiveSettings=True)["settings"]
    assert [setting["value"] for setting in settings] == ["enabled"], settings
    ecs.delete_account_setting(name="containerInsights")


def container_instances():
    instance = ecs.register_container_instance(
        cluster="boto",
        totalResources=[
            {"name": "CPU", "type": "INTEGER", "integerValue": 2048},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": 4096},
            {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]},
            {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": []},
        ],
    )["containerInstance"]["containerInstanceArn"]
    rack = {"name": "rack", "value": "7", "targetType": "container-instance", "targetId": instance}
    ecs.put_attributes(cluster="boto", attributes=[rack])
    listed = ecs.list_attributes(cluster="boto", targetType="container-instance", attributeName="rack")
    assert [attribute["value"] for attribute in listed["attributes"]] == ["7"], listed
    ecs.delete_attributes(cluster="boto", attributes=[rack])
    container = {"name": "main", "image": "registry.example.com/app:1", "memory": 64}
    definition = ecs.register_task_definition(family="bare", containerDefinitions=[container])
    arn = definition["taskDefinition"]["taskDefinitionArn"]
    [task] = ecs.start_task(cluster="boto", taskDefinition=arn, containerInstances=[instance])["tasks"]
    ecs.stop_task(cluster="boto", task=task["taskArn"])
    drained = ecs.update_container_instances_state(
        cluster="boto", containerInstances=[instance], status="DRAINING"
    )["containerInstances"]
    assert [found["status"] for found in drained] == ["DRAINING"], drained
    ecs.deregister_container_instance(cluster="boto", containerInstance=instance, force=True)


def repository_policies():
    ecr.create_repository(repositoryName="policies")
    statement = {"Sid": "pull", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    ecr.set_repository_policy(repositoryName="policies", policyText=json.dumps(policy))
    found = json.loads(ecr.get_repository_policy(repositoryName="policies")["policyText"])
    assert found["Statement"][0]["Sid"] == "pull", found
    ecr.delete_repository_policy(repositoryName="policies")
    rule = {
        "rulePriority": 1,
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 9},
        "action": {"type": "expire"},
    }
    ecr.put_lifecycle_policy(repositoryName="policies", lifecyclePolicyText=json.dumps({"rules": [rule]}))
    ecr.get_lifecycle_policy(repositoryName="policies")
    ecr.delete_lifecycle_policy(repositoryName="policies")
    ecr.put_image_scanning_configuration(
        repositoryName="policies", imageScanningConfiguration={"scanOnPush": True}
    )


def upload(content):
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    upload_id = ecr.initiate_layer_upload(repositoryName="images")["uploadId"]
    ecr.upload_layer_part(
        repositoryName="images",
        uploadId=upload_id,
        partFirstByte=0,
        partLastByte=len(content) - 1,
        layerPartBlob=content,
    )
    ecr.complete_layer_upload(repositoryName="images", uploadId=upload_id, layerDigests=[digest])
    return {"digest": digest, "size": len(content)}


def layers_and_scans():
    ecr.create_repository(repositoryName="images")
    config = b'{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}'
    layer = upload(b"a layer")
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **upload(config)},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", **layer}],
    }
    ecr.put_image(repositoryName="images", imageTag="v1", imageManifest=json.dumps(manifest))
    digests = [layer["digest"], f"sha256:{'0' * 64}"]
    found = ecr.batch_check_layer_availability(repositoryName="images", layerDigests=digests)
    assert [entry["layerAvailability"] for entry in found["layers"]][0] == "AVAILABLE", found
    url = ecr.get_download_url_for_layer(repositoryName="images", layerDigest=layer["digest"])["downloadUrl"]
    assert urllib.request.urlopen(url).read() == b"a layer"
    ecr.start_image_scan(repositoryName="images", imageId={"imageTag": "v1"})

    def status():
        findings = ecr.describe_image_scan_findings(repositoryName="images", imageId={"imageTag": "v1"})
        return findings["imageScanStatus"]["status"]

    eventually(status, "COMPLETE")


def log_streams():
    logs.create_log_group(logGroupName="/boto")
    logs.put_retention_policy(logGroupName="/boto", retentionInDays=7)
    logs.create_log_stream(logGroupName="/boto", logStreamName="one")
    now = int(time.time() * 1000)
    events = [{"timestamp": now + at, "message": f"line {at}"} for at in range(5)]
    logs.put_log_events(logGroupName="/boto", logStreamName="one", logEvents=events)
    read = logs.get_log_events(logGroupName="/boto", logStreamName="one", startFromHead=True)
    assert [event["message"] for event in read["events"]] == [event["message"] for event in events], read
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName="/boto", filterPattern="line", PaginationConfig={"PageSize": 2}
    )
    assert sum(len(page["events"]) for page in pages) == 5
    [stream] = logs.describe_log_streams(logGroupName="/boto")["logStreams"]
    assert stream["logStreamName"] == "one", stream
    logs.delete_retention_policy(logGroupName="/boto")
    logs.delete_log_stream(logGroupName="/boto", logStreamName="one")
    logs.delete_log_group(logGroupName="/boto")


def target_group(name):
    [group] = elb.create_target_group(
        Name=name, Protocol="HTTP", Port=80, VpcId="vpc-0a1b2c3d", TargetType="ip", HealthCheckPath="/health"
    )["TargetGroups"]
    return group["TargetGroupArn"]


def behind_a_load_balancer():
    blue, green = target_group("blue"), target_group("green")
    [balancer] = elb.create_load_balancer(Name="front", Subnets=["subnet-0a1b2c3d", "subnet-4e5f6071"])[
        "LoadBalancers"
    ]
    arn = balancer["LoadBalancerArn"]
    elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn], WaiterConfig=QUICK)
    weights = [{"TargetGroupArn": blue, "Weight": 100}, {"TargetGroupArn": green, "Weight": 0}]
    forward = [{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}]
    [listener] = elb.create_listener(
        LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=forward
    )["Listeners"]
    [rule] = elb.create_rule(
        ListenerArn=listener["ListenerArn"],
        Priority=5,
        Conditions=[{"Field": "path-pattern", "Values": ["/next/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": green}],
    )["Rules"]
    elb.modify_rule(RuleArn=rule["RuleArn"], Actions=forward)
    elb.modify_listener(ListenerArn=listener["ListenerArn"], Port=8080)
    assert len(elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]) == 2
    assert len(elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]) == 1
    elb.modify_target_group_attributes(
        TargetGroupArn=blue,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}],
    )
    elb.describe_target_group_attributes(TargetGroupArn=blue)
    elb.register_targets(TargetGroupArn=blue, Targets=[{"Id": "10.0.0.1", "Port": 8080}])
    elb.get_waiter("target_in_service").wait(TargetGroupArn=blue, WaiterConfig=QUICK)
    elb.deregister_targets(TargetGroupArn=blue, Targets=[{"Id": "10.0.0.1", "Port": 8080}])
    assert len(elb.describe_target_groups(Names=["blue", "green"])["TargetGroups"]) == 2
    elb.delete_rule(RuleArn=rule["RuleArn"])
    elb.delete_listener(ListenerArn=listener["ListenerArn"])
    elb.delete_target_group(TargetGroupArn=green)
    elb.delete_load_balancer(LoadBalancerArn=arn)


def alarms():
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="HTTPCode_Target_5XX_Count",
        Namespace="AWS/ApplicationELB",
        Period=60,
        Statistic="Sum",
        Threshold=1,
    )
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a test")
    cloudwatch.get_waiter("alarm_exists").wait(AlarmNames=["errors"], WaiterConfig=QUICK)
    [alarm] = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert isinstance(alarm["StateUpdatedTimestamp"], datetime.datetime)
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="a test")
    cloudwatch.delete_alarms(AlarmNames=["errors"])


def appspec(task_definition):
    properties = {
        "TaskDefinition": task_definition,
        "LoadBalancerInfo": {"ContainerName": "main", "ContainerPort": 80},
    }
    resource = {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
    content = json.dumps({"version": 0.0, "Resources": [resource]})
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}


def blue_green_by_codedeploy():
    ecs.create_service(
        cluster="boto",
        serviceName="blue-green",
        taskDefinition=register("blue-green", "healthy"),
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration=NETWORK,
        deploymentController={"type": "CODE_DEPLOY"},
    )
    codedeploy.create_application(applicationName="app", computePlatform="ECS")
    group = {"applicationName": "app", "deploymentGroupName": "group"}
    codedeploy.create_deployment_group(
        **group,
        serviceRoleArn="arn:aws:iam::123456789012:role/codedeploy",
        deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
        ecsServices=[{"clusterName": "boto", "serviceName": "blue-green"}],
        autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
        blueGreenDeploymentConfiguration={
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE",
                "terminationWaitTimeInMinutes": 2,
            },
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
        },
    )
    good = codedeploy.create_deployment(**group, revision=appspec(register("blue-green", "healthy")))
    codedeploy.get_waiter("deployment_successful").wait(
        deploymentId=good["deploymentId"], WaiterConfig=QUICK
    )
    [target] = codedeploy.list_deployment_targets(deploymentId=good["deploymentId"])["targetIds"]
    codedeploy.get_deployment_target(deploymentId=good["deploymentId"], targetId=target)
    bad = codedeploy.create_deployment(**group, revision=appspec("blue-green:99"))["deploymentId"]

    def status():
        return codedeploy.get_deployment(deploymentId=bad)["deploymentInfo"]["status"]

    eventually(status, "Failed")
    codedeploy.batch_get_deployment_targets(deploymentId=bad, targetIds=[target])
    listed = codedeploy.list_deployments(**group)["deployments"]
    assert len(codedeploy.batch_get_deployments(deploymentIds=listed)["deploymentsInfo"]) == 3
    info = codedeploy.get_deployment_group(**group)["deploymentGroupInfo"]
    assert info["lastSuccessfulDeployment"]["deploymentId"], info
    codedeploy.update_deployment_group(
        applicationName="app",
        currentDeploymentGroupName="group",
        autoRollbackConfiguration={"enabled": False},
    )
    assert codedeploy.list_deployment_groups(applicationName="app")["deploymentGroups"] == ["group"]
    codedeploy.batch_get_deployment_groups(applicationName="app", deploymentGroupNames=["group"])
    assert codedeploy.list_applications()["applications"] == ["app"]
    codedeploy.get_application(applicationName="app")
    codedeploy.delete_deployment_group(**group)
    codedeploy.delete_application(applicationName="app")


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
    protected_task,
    stopped_service_deployment,
    capacity_providers,
    cluster_and_account_settings,
    container_instances,
    repository_policies,
    layers_and_scans,
    log_streams,
    behind_a_load_balancer,
    alarms,
    blue_green_by_codedeploy,
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
