package stacks

import "maps"

// version is that of the policy language.
const version = "2012-10-17"

// document returns a policy of these statements.
func document(statements ...any) props {
	return props{"Version": version, "Statement": statements}
}

// allow permits actions on resources.
func allow(id string, actions list, resources ...any) props {
	return props{"Sid": id, "Effect": "Allow", "Action": actions, "Resource": resources}
}

// under adds a condition to a statement.
func under(statement props, condition props) props {
	statement["Condition"] = condition
	return statement
}

// trust lets a service take a role on behalf of this account only, and of that
// very resource where one is named: nobody else can have the service do it for
// them (the confused deputy).
func trust(service string, conditions props) props {
	all := props{"StringEquals": props{"aws:SourceAccount": props{"Ref": "AWS::AccountId"}}}
	maps.Copy(all, conditions)
	return document(props{
		"Effect": "Allow", "Principal": props{"Service": service}, "Action": "sts:AssumeRole", "Condition": all,
	})
}

// denyPlain refuses every request to a resource that does not come over TLS.
func denyPlain(id string, action any, resources ...any) props {
	return props{
		"Sid": id, "Effect": "Deny", "Principal": props{"AWS": "*"}, "Action": action, "Resource": resources,
		"Condition": props{"Bool": props{"aws:SecureTransport": "false"}},
	}
}
