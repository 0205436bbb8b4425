# A stand-in for a team's infrastructure that needs no provider, so that the plan can be shown anywhere.
terraform {
  required_version = ">= 1.4"
}

variable "image" {
  type        = string
  description = "The image that the service runs."
}

variable "database_password" {
  type        = string
  sensitive   = true
  description = "Shows that no plan of ours prints it."
}

resource "terraform_data" "service" {
  input = {
    name  = "web"
    image = var.image
  }
}

resource "terraform_data" "database" {
  input            = { name = "orders", password = var.database_password }
  triggers_replace = ["postgres-17"]
}
