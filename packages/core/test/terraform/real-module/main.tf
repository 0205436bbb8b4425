variable "password" {
  sensitive = true
}

variable "image" {}

resource "terraform_data" "database" {
  input = var.password
}

resource "terraform_data" "service" {
  input = { image = var.image }
}

output "image" {
  value = var.image
}
