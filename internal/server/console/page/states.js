// The states of a channel: their labels and colours.
import { duration } from './format.js';

/** @typedef {import('./store.js').Channel} Channel */
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

const works = { fetching: 'Fetching', encoding: 'Encoding', waiting: 'Waiting for another encoding' };

/** @param {Channel} c */
export function isPaused(c) {
	return c.state === 'RUNNING' && c.pipelines.length > 0 && c.pipelines.every((p) => p.paused);
}

/** The label and the colour of a channel: green only if all of it sends. @param {Channel} c @returns {[string, Tone]} */
export function labelOf(c) {
	const work = c.pipelines.find((p) => p.work)?.work;
	if (c.state === 'STARTING' && work) return [works[work.what], 'busy'];
	if (c.state !== 'RUNNING') return labels[c.state] ?? [c.state, 'busy'];
	if (isPaused(c)) return ['Paused', 'busy'];
	const sending = c.pipelines.filter((p) => p.sending).length;
	if (sending > 0) return sending < c.pipelines.length ? ['Partly on air', 'busy'] : labels.RUNNING;
	if (c.pipelines.length > 0 && c.pipelines.every((p) => p.epoch > Date.now())) return ['Begins later', 'busy'];
	return c.pipelines.some((p) => p.to.length > 0) ? ['Sends nothing', 'bad'] : ['No destination', 'off'];
}

/** What is done to a channel's source, how far it is and how long it takes; '' for nothing. @param {Channel} c */
export function progressOf(c) {
	const work = c.pipelines.find((p) => p.work)?.work;
	if (!work) return '';
	return `${works[work.what]}: ${Math.floor(work.share * 100)} %${work.left > 0 ? `, ${duration(work.left * 1000)} left` : ''}`;
}
