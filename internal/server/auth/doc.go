// Package auth tells who asks: the signatures of AWS (Signature Version 4) that
// callers of the API make, and the logins and sessions of people at the console.
package auth
