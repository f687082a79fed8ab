// The states of a channel in plain words.

/** @typedef {'on' | 'off' | 'busy' | 'bad'} Tone */

/** @type {Record<string, [string, Tone]>} */
const words = {
	CREATING: ['Being created', 'busy'],
	IDLE: ['Off air', 'off'],
	STARTING: ['Starting', 'busy'],
	RUNNING: ['On air', 'on'],
	RECOVERING: ['Recovering', 'busy'],
	STOPPING: ['Stopping', 'busy'],
	UPDATING: ['Being changed', 'busy'],
	DELETING: ['Being deleted', 'busy'],
	DELETED: ['Deleted', 'off'],
	CREATE_FAILED: ['Could not be created', 'bad'],
	UPDATE_FAILED: ['Could not be changed', 'bad'],
};

/** @param {string} state @returns {[string, Tone]} what to call it, and its colour */
export function stateOf(state) {
	return words[state] ?? [state, 'busy'];
}

/** @param {import('./store.js').Channel} c */
export function isPaused(c) {
	return c.state === 'RUNNING' && c.pipelines.length > 0 && c.pipelines.every((p) => p.paused);
}

/** @param {import('./store.js').Channel} c @returns {[string, Tone]} */
export function toneOf(c) {
	return isPaused(c) ? ['Paused', 'busy'] : stateOf(c.state);
}
