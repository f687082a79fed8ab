// Package server is `lilo serve`: many channels of one process, behind
// MediaLive's API and a console. It puts the parts together (store, service, API,
// console, what is on air) and is their edge to the world: who may ask for
// what, in which form, from where.
package server
