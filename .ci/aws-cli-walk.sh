#!/bin/sh
# Walks the unmodified AWS CLI (`aws` on the PATH, v1 or v2) through an embedded AWS:
#
#   npx local-aws exec --clock 30 -- sh .ci/aws-cli-walk.sh
#
# Prints PASS or FAIL for each step and a count; exits 1 if a step failed. It takes about two minutes, most of it the
# CLI's own start-up.
set -u

PASSED=0
FAILED=0
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
trap 'exit 130' INT TERM
# The CLI keeps sessions of assumed roles below HOME: those of another world are no good here.
export HOME="$WORK"
# It takes AWS_ENDPOINT_URL from v1.29 and v2.13 on; an older one would dial the real hosts.
: "${AWS_ENDPOINT_URL:?is not set: run this by local-aws exec}"

pass() {
  PASSED=$((PASSED + 1))
  echo "PASS  $1"
}

fail() {
  FAILED=$((FAILED + 1))
  echo "FAIL  $1"
  sed 's/^/      /' "$WORK/out" "$WORK/err"
}

run() { "$@" >"$WORK/out" 2>"$WORK/err" </dev/null; }

# does NAME COMMAND…: the command succeeds.
does() {
  name=$1
  shift
  if run "$@"; then pass "$name"; else fail "$name"; fi
}

# says NAME EXPECTED COMMAND…: it succeeds and prints exactly this, white space aside.
says() {
  name=$1 expected=$2
  shift 2
  if run "$@" && [ "$(tr -s '[:space:]' ' ' <"$WORK/out" | sed 's/^ //; s/ $//')" = "$expected" ]; then
    pass "$name"
  else
    fail "$name"
    echo "      expected: $expected"
  fi
}

# refuses NAME CODE COMMAND…: it fails, with this error.
refuses() {
  name=$1 code=$2
  shift 2
  if ! run "$@" && grep -q "($code)" "$WORK/err"; then pass "$name"; else fail "$name"; fi
}

# becomes NAME EXPECTED COMMAND…: it prints this before long.
becomes() {
  name=$1 expected=$2
  shift 2
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    if run "$@" && [ "$(tr -s '[:space:]' ' ' <"$WORK/out" | sed 's/^ //; s/ $//')" = "$expected" ]; then
      pass "$name"
      return
    fi
    sleep 1
  done
  fail "$name"
  echo "      expected: $expected"
}

ecs() { aws ecs "$@" --output text; }
ecr() { aws ecr "$@" --output text; }
logs() { aws logs "$@" --output text; }

# task_definition FAMILY COMPATIBILITY BEHAVIOUR: writes a file; its containers log, and play the behaviour.
task_definition() {
  mode=awsvpc
  [ "$2" = EC2 ] && mode=bridge
  cat >"$WORK/$1.json" <<JSON
{
  "family": "$1",
  "requiresCompatibilities": ["$2"],
  "networkMode": "$mode",
  "cpu": "256",
  "memory": "512",
  "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
  "containerDefinitions": [
    {
      "name": "main",
      "image": "registry.example.com/app:1",
      "essential": true,
      "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
      "environment": [{ "name": "MODE", "value": "walk" }],
      "dockerLabels": { "local-aws.behaviour": "$3" },
      "logConfiguration": {
        "logDriver": "awslogs",
        "options": {
          "awslogs-group": "/ecs/walk",
          "awslogs-region": "$AWS_REGION",
          "awslogs-stream-prefix": "$1"
        }
      }
    }
  ]
}
JSON
  echo "file://$WORK/$1.json"
}

NETWORK='awsvpcConfiguration={subnets=[subnet-0a1b2c3d],securityGroups=[sg-0a1b2c3d],assignPublicIp=ENABLED}'

identity() {
  says 'sts get-caller-identity' 123456789012 \
    aws sts get-caller-identity --query Account --output text
  refuses 'a wrong secret key is refused by STS' SignatureDoesNotMatch \
    env AWS_SECRET_ACCESS_KEY=wrong aws sts get-caller-identity
  refuses 'a wrong secret key is refused by ECS' InvalidSignatureException \
    env AWS_SECRET_ACCESS_KEY=wrong aws ecs list-clusters
  refuses 'an unknown key is refused by STS' InvalidClientTokenId \
    env AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE aws sts get-caller-identity
  refuses 'an unknown key is refused by ECR' UnrecognizedClientException \
    env AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE aws ecr describe-repositories

  node -e 'fetch(`${process.env.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=sts.amazonaws.com`, {
    headers: { authorization: `Bearer ${process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` },
  }).then((answer) => answer.json()).then(({ value }) => process.stdout.write(value))' >"$WORK/token"
  says 'sts assume-role-with-web-identity' \
    'arn:aws:sts::123456789012:assumed-role/github-deploy/walk' \
    aws sts assume-role-with-web-identity --role-arn arn:aws:iam::123456789012:role/github-deploy \
    --role-session-name walk --web-identity-token "file://$WORK/token" \
    --query AssumedRoleUser.Arn --output text
  says 'a web identity token file serves as credentials' \
    'arn:aws:sts::123456789012:assumed-role/github-deploy/by-file' \
    env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_SESSION_TOKEN \
    AWS_WEB_IDENTITY_TOKEN_FILE="$WORK/token" AWS_ROLE_SESSION_NAME=by-file \
    AWS_ROLE_ARN=arn:aws:iam::123456789012:role/github-deploy \
    aws sts get-caller-identity --query Arn --output text
  refuses 'garbage is no identity token' InvalidIdentityToken \
    aws sts assume-role-with-web-identity --role-arn arn:aws:iam::123456789012:role/github-deploy \
    --role-session-name walk --web-identity-token garbage
}

repositories() {
  says 'ecr create-repository' "web IMMUTABLE" \
    ecr create-repository --repository-name web --image-tag-mutability IMMUTABLE \
    --query 'repository.[repositoryName, imageTagMutability]'
  refuses 'a repository exists once' RepositoryAlreadyExistsException \
    ecr create-repository --repository-name web
  says 'ecr describe-repositories' web ecr describe-repositories --query 'repositories[].repositoryName'
  does 'ecr get-login-password' aws ecr get-login-password

  printf 'a layer' >"$WORK/layer"
  printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}' >"$WORK/config"
  upload layer
  layer=$DIGEST layer_size=$SIZE
  upload config
  cat >"$WORK/manifest" <<JSON
{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": "$DIGEST", "size": $SIZE },
  "layers": [
    { "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": "$layer", "size": $layer_size }
  ]
}
JSON
  says 'ecr put-image' v1 ecr put-image --repository-name web --image-tag v1 \
    --image-manifest "file://$WORK/manifest" --query image.imageId.imageTag
  says 'ecr list-images' v1 ecr list-images --repository-name web --query 'imageIds[].imageTag'
  says 'ecr describe-images' v1 ecr describe-images --repository-name web --query 'imageDetails[].imageTags[]'
  says 'ecr batch-get-image' v1 ecr batch-get-image --repository-name web --image-ids imageTag=v1 \
    --query 'images[].imageId.imageTag'
  refuses 'an image that is not there' ImageNotFoundException \
    ecr describe-images --repository-name web --image-ids imageTag=none
  refuses 'a repository that is not there' RepositoryNotFoundException \
    ecr list-images --repository-name none
  says 'ecr put-image-tag-mutability' MUTABLE ecr put-image-tag-mutability --repository-name web \
    --image-tag-mutability MUTABLE --query imageTagMutability
  says 'ecr batch-delete-image' v1 ecr batch-delete-image --repository-name web --image-ids imageTag=v1 \
    --query 'imageIds[].imageTag'
  does 'ecr delete-repository' ecr delete-repository --repository-name web --force
}

# upload FILE: puts a blob into repository web by ECR's own API; sets DIGEST and SIZE.
upload() {
  SIZE=$(wc -c <"$WORK/$1" | tr -d ' ')
  DIGEST="sha256:$(node -e 'process.stdout.write(require("node:crypto").createHash("sha256").update(require("node:fs").readFileSync(process.argv[1])).digest("hex"))' "$WORK/$1")"
  does "ecr initiate-layer-upload ($1)" ecr initiate-layer-upload --repository-name web --query uploadId
  id=$(cat "$WORK/out")
  does "ecr upload-layer-part ($1)" ecr upload-layer-part --repository-name web --upload-id "$id" \
    --part-first-byte 0 --part-last-byte $((SIZE - 1)) --layer-part-blob "fileb://$WORK/$1"
  says "ecr complete-layer-upload ($1)" "$DIGEST" ecr complete-layer-upload --repository-name web \
    --upload-id "$id" --layer-digests "$DIGEST" --query layerDigest
}

clusters() {
  does 'logs create-log-group' logs create-log-group --log-group-name /ecs/walk
  says 'logs describe-log-groups' /ecs/walk logs describe-log-groups --log-group-name-prefix /ecs \
    --query 'logGroups[].logGroupName'
  says 'ecs create-cluster' 'prod ACTIVE' \
    ecs create-cluster --cluster-name prod --tags key=team,value=web --query 'cluster.[clusterName, status]'
  says 'ecs describe-clusters' 'prod team' ecs describe-clusters --clusters prod --include TAGS \
    --query 'clusters[].[clusterName, tags[0].key]'
  does 'ecs list-clusters' ecs list-clusters
  says 'a cluster that is not there' MISSING ecs describe-clusters --clusters none --query 'failures[].reason'
  refuses 'tasks of a cluster that is not there' ClusterNotFoundException ecs list-tasks --cluster none
}

fargate() {
  says 'ecs register-task-definition' web:1 aws_revision web FARGATE healthy
  says 'ecs register-task-definition, again' web:2 aws_revision web FARGATE healthy
  says 'ecs describe-task-definition' '2 ACTIVE' ecs describe-task-definition --task-definition web \
    --query 'taskDefinition.[revision, status]'
  does 'ecs list-task-definitions' ecs list-task-definitions --family-prefix web
  says 'ecs list-task-definition-families' web ecs list-task-definition-families --query families
  refuses 'a task definition that is not there' ClientException \
    ecs describe-task-definition --task-definition none
  refuses 'a service needs a network on Fargate' InvalidParameterException \
    ecs create-service --cluster prod --service-name bare --task-definition web:1 --desired-count 1 \
    --launch-type FARGATE
  says 'ecs create-service' 'web ACTIVE 2' \
    ecs create-service --cluster prod --service-name web --task-definition web:1 --desired-count 2 \
    --launch-type FARGATE --network-configuration "$NETWORK" \
    --deployment-configuration 'deploymentCircuitBreaker={enable=true,rollback=true}' \
    --query 'service.[serviceName, status, desiredCount]'
  does 'ecs wait services-stable' ecs wait services-stable --cluster prod --services web
  # The waiter looks at the number of tasks, not at the rollout.
  becomes 'ecs describe-services' '2 2 COMPLETED 1' ecs describe-services --cluster prod --services web \
    --query 'services[].[desiredCount, runningCount, deployments[0].rolloutState, length(deployments)]'
  says 'a service that is not there' MISSING ecs describe-services --cluster prod --services none \
    --query 'failures[].reason'
  does 'ecs list-services' ecs list-services --cluster prod
  says 'ecs list-tasks' 2 ecs list-tasks --cluster prod --service-name web --query 'length(taskArns)'
  task=$(aws ecs list-tasks --cluster prod --service-name web --query 'taskArns[0]' --output text)
  says 'ecs describe-tasks' 'RUNNING FARGATE main RUNNING' ecs describe-tasks --cluster prod --tasks "$task" \
    --query 'tasks[].[lastStatus, launchType, containers[0].name, containers[0].lastStatus]'

  does 'ecs update-service' ecs update-service --cluster prod --service web --task-definition web:2
  becomes 'the update completes' 'COMPLETED 1 2' ecs describe-services --cluster prod --services web \
    --query 'services[].[deployments[0].rolloutState, length(deployments), runningCount]'
  says 'ecs list-service-deployments' 'SUCCESSFUL SUCCESSFUL' \
    ecs list-service-deployments --cluster prod --service web --query 'serviceDeployments[].status'
  deployment=$(aws ecs list-service-deployments --cluster prod --service web \
    --query 'serviceDeployments[0].serviceDeploymentArn' --output text)
  says 'ecs describe-service-deployments' 'SUCCESSFUL' \
    ecs describe-service-deployments --service-deployment-arns "$deployment" --query 'serviceDeployments[].status'
  revision=$(aws ecs describe-service-deployments --service-deployment-arns "$deployment" \
    --query 'serviceDeployments[0].targetServiceRevision.arn' --output text)
  says 'ecs describe-service-revisions' 'FARGATE main' \
    ecs describe-service-revisions --service-revision-arns "$revision" \
    --query 'serviceRevisions[].[launchType, containerImages[0].containerName]'

  says 'a revision that cannot run' web:3 aws_revision web FARGATE exit:1
  does 'ecs update-service to it' ecs update-service --cluster prod --service web --task-definition web:3
  becomes 'the circuit breaker rolls back' ROLLBACK_SUCCESSFUL \
    ecs list-service-deployments --cluster prod --service web --query 'serviceDeployments[0].status'
  says 'the service runs the revision before' web:2 definition_of web

  service=$(aws ecs describe-services --cluster prod --services web --query 'services[0].serviceArn' --output text)
  does 'ecs tag-resource' ecs tag-resource --resource-arn "$service" --tags key=commit,value=abc
  says 'ecs list-tags-for-resource' 'commit abc' ecs list-tags-for-resource --resource-arn "$service" \
    --query 'tags[].[key, value]'
  does 'ecs untag-resource' ecs untag-resource --resource-arn "$service" --tag-keys commit

  one_off 'a task that succeeds' FARGATE exit:0 0 --network-configuration "$NETWORK"
  one_off 'a task that fails' FARGATE exit:3 3 --network-configuration "$NETWORK"
  does 'logs filter-log-events' logs filter-log-events --log-group-name /ecs/walk
  stopped_by_hand FARGATE --network-configuration "$NETWORK"

  does 'ecs update-service to zero' ecs update-service --cluster prod --service web --desired-count 0
  becomes 'no task is left' 0 ecs list-tasks --cluster prod --service-name web --query 'length(taskArns)'
  says 'ecs delete-service' DRAINING ecs delete-service --cluster prod --service web --query service.status
  does 'ecs wait services-inactive' ecs wait services-inactive --cluster prod --services web
  refuses 'an inactive service cannot be updated' ServiceNotActiveException \
    ecs update-service --cluster prod --service web --desired-count 1
}

ec2() {
  says 'ecs register-container-instance' 'ACTIVE True' ecs register-container-instance --cluster prod \
    --total-resources 'name=CPU,type=INTEGER,integerValue=2048' 'name=MEMORY,type=INTEGER,integerValue=4096' \
    'name=PORTS,type=STRINGSET,stringSetValue=22' 'name=PORTS_UDP,type=STRINGSET,stringSetValue=[]' \
    --query 'containerInstance.[status, agentConnected]'
  says 'ecs list-container-instances' 1 ecs list-container-instances --cluster prod \
    --query 'length(containerInstanceArns)'
  instance=$(aws ecs list-container-instances --cluster prod --query 'containerInstanceArns[0]' --output text)
  says 'ecs describe-container-instances' '2048 0' ecs describe-container-instances --cluster prod \
    --container-instances "$instance" \
    --query "containerInstances[].[registeredResources[?name=='CPU']|[0].integerValue, runningTasksCount]"
  says 'ecs register-task-definition for EC2' box:1 aws_revision box EC2 healthy
  says 'ecs create-service on EC2' 'box EC2' \
    ecs create-service --cluster prod --service-name box --task-definition box:1 --desired-count 1 \
    --launch-type EC2 --query 'service.[serviceName, launchType]'
  does 'ecs wait services-stable on EC2' ecs wait services-stable --cluster prod --services box
  becomes 'ecs describe-services on EC2' '1 COMPLETED' ecs describe-services --cluster prod --services box \
    --query 'services[].[runningCount, deployments[0].rolloutState]'
  says 'the instance has less left' 1792 ecs describe-container-instances --cluster prod \
    --container-instances "$instance" \
    --query "containerInstances[].remainingResources[?name=='CPU']|[0][0].integerValue"
  one_off 'a task on EC2' EC2 exit:0 0
  stopped_by_hand EC2
  says 'more than the instance has is not placed' RESOURCE:MEMORY \
    ecs run-task --cluster prod --launch-type EC2 --task-definition box:1 --overrides memory=65536 \
    --query 'failures[].reason'
  does 'ecs delete-service --force' ecs delete-service --cluster prod --service box --force
  does 'ecs wait services-inactive on EC2' ecs wait services-inactive --cluster prod --services box
  does 'ecs deregister-container-instance' ecs deregister-container-instance --cluster prod \
    --container-instance "$instance" --force
}

# one_off NAME LAUNCH-TYPE BEHAVIOUR EXIT-CODE OPTIONS…: runs a task to its end.
one_off() {
  task_name=$1 launch_type=$2 behaviour=$3 exit_code=$4
  shift 4
  family=once-$(echo "$launch_type-$behaviour" | tr '[:upper:]:' '[:lower:]-')
  does "$task_name: ecs register-task-definition" aws_revision "$family" "$launch_type" "$behaviour"
  does "$task_name: ecs run-task" ecs run-task --cluster prod --launch-type "$launch_type" \
    --task-definition "$family" --started-by walk "$@" --query 'tasks[0].taskArn'
  task=$(cat "$WORK/out")
  does "$task_name: ecs wait tasks-stopped" ecs wait tasks-stopped --cluster prod --tasks "$task"
  says "$task_name: ecs describe-tasks" "STOPPED EssentialContainerExited $exit_code" \
    ecs describe-tasks --cluster prod --tasks "$task" \
    --query 'tasks[].[lastStatus, stopCode, containers[0].exitCode]'
}

# stopped_by_hand LAUNCH-TYPE OPTIONS…: starts a task that stays, waits for it, stops it.
stopped_by_hand() {
  launch_type=$1
  shift
  family=stays-$(echo "$launch_type" | tr '[:upper:]' '[:lower:]')
  does "ecs register-task-definition: a task that stays ($launch_type)" aws_revision "$family" "$launch_type" healthy
  does "ecs run-task: a task that stays ($launch_type)" ecs run-task --cluster prod --launch-type "$launch_type" \
    --task-definition "$family" "$@" --query 'tasks[0].taskArn'
  task=$(cat "$WORK/out")
  does "ecs wait tasks-running ($launch_type)" ecs wait tasks-running --cluster prod --tasks "$task"
  says "ecs stop-task ($launch_type)" STOPPED ecs stop-task --cluster prod --task "$task" --reason walk \
    --query task.desiredStatus
  does "ecs wait tasks-stopped ($launch_type)" ecs wait tasks-stopped --cluster prod --tasks "$task"
  says "the reason stays ($launch_type)" 'UserInitiated walk' ecs describe-tasks --cluster prod --tasks "$task" \
    --query 'tasks[].[stopCode, stoppedReason]'
}

# aws_revision FAMILY COMPATIBILITY BEHAVIOUR: registers and prints family:revision.
aws_revision() {
  aws ecs register-task-definition --cli-input-json "$(task_definition "$@")" \
    --query "join(':', [taskDefinition.family, to_string(taskDefinition.revision)])" --output text
}

# definition_of SERVICE: family:revision of what it runs.
definition_of() {
  aws ecs describe-services --cluster prod --services "$1" --query 'services[0].taskDefinition' --output text |
    sed 's/.*task-definition.//'
}

clean_up() {
  says 'ecs deregister-task-definition' INACTIVE ecs deregister-task-definition --task-definition web:1 \
    --query taskDefinition.status
  says 'ecs delete-task-definitions' DELETE_IN_PROGRESS ecs delete-task-definitions --task-definitions web:1 \
    --query 'taskDefinitions[].status'
  says 'ecs delete-cluster' INACTIVE ecs delete-cluster --cluster prod --query cluster.status
  does 'logs delete-log-group' logs delete-log-group --log-group-name /ecs/walk
}

aws --version
identity
repositories
clusters
fargate
ec2
clean_up
printf '%s passed, %s failed\n' "$PASSED" "$FAILED"
[ "$FAILED" -eq 0 ]
