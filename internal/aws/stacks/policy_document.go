package stacks

import "maps"

// version is the version of the policy language.
const version = "2012-10-17"

// document returns a policy document.
func document(statements ...any) props {
	return props{"Version": version, "Statement": statements}
}

// allow returns a statement that permits actions on resources.
func allow(id string, actions list, resources ...any) props {
	return props{"Sid": id, "Effect": "Allow", "Action": actions, "Resource": resources}
}

// withCondition adds a condition to a statement.
func withCondition(statement props, condition props) props {
	statement["Condition"] = condition
	return statement
}

// trust lets a service assume a role only on behalf of this account, and under
// further conditions, which prevents the confused deputy problem.
func trust(service string, conditions props) props {
	all := props{"StringEquals": props{"aws:SourceAccount": props{"Ref": "AWS::AccountId"}}}
	maps.Copy(all, conditions)
	return document(props{
		"Effect": "Allow", "Principal": props{"Service": service}, "Action": "sts:AssumeRole", "Condition": all,
	})
}

// denyWithoutTLS returns a statement that denies requests without TLS.
func denyWithoutTLS(id string, action any, resources ...any) props {
	return props{
		"Sid": id, "Effect": "Deny", "Principal": props{"AWS": "*"}, "Action": action, "Resource": resources,
		"Condition": props{"Bool": props{"aws:SecureTransport": "false"}},
	}
}
