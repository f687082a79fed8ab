// The states of a channel: their labels and colours.

/** @typedef {'on' | 'off' | 'busy' | 'bad'} Tone */

/** @type {Record<string, [string, Tone]>} */
const labels = {
	CREATING: ['Creating', 'busy'],
	IDLE: ['Off air', 'off'],
	STARTING: ['Starting', 'busy'],
	RUNNING: ['On air', 'on'],
	RECOVERING: ['Recovering', 'busy'],
	STOPPING: ['Stopping', 'busy'],
	UPDATING: ['Updating', 'busy'],
	DELETING: ['Deleting', 'busy'],
	DELETED: ['Deleted', 'off'],
	CREATE_FAILED: ['Creation failed', 'bad'],
	UPDATE_FAILED: ['Update failed', 'bad'],
};

/** @param {string} state @returns {[string, Tone]} its label and colour */
function stateLabel(state) {
	return labels[state] ?? [state, 'busy'];
}

/** @param {import('./store.js').Channel} c */
export function isPaused(c) {
	return c.state === 'RUNNING' && c.pipelines.length > 0 && c.pipelines.every((p) => p.paused);
}

/** @param {import('./store.js').Channel} c @returns {[string, Tone]} */
export function labelOf(c) {
	return isPaused(c) ? ['Paused', 'busy'] : stateLabel(c.state);
}
