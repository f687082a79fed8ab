// What is done to several channels at once.
import { button, el, toast } from './dom.js';
import { plural } from './format.js';
import { canDelete, canStart, canStop, confirm, openDialog } from './actions.js';
import { request } from './store.js';

/** @typedef {import('./store.js').Channel} Channel */

/** How many requests are sent at once. */
const atOnce = 6;

/**
 * Sends a request for each channel, and shows how many succeeded.
 * @param {Channel[]} all @param {string} done @param {(path: string) => Promise<any>} send
 */
async function each(all, done, send) {
	if (all.length === 0) return toast('None of the selected channels can do that now', 'bad');
	const waiting = [...all];
	/** @type {string[]} */ const failed = [];
	const work = async () => {
		for (let c = waiting.shift(); c; c = waiting.shift()) {
			try {
				await send(`/console/channels/${encodeURIComponent(c.id)}`);
			} catch (err) {
				failed.push(`${c.name}: ${/** @type {Error} */ (err).message}`);
			}
		}
	};
	await Promise.all(Array.from({ length: atOnce }, work));
	const good = all.length - failed.length;
	if (good > 0) toast(`${plural(good, 'channel')} ${done}`);
	if (failed.length > 0) toast(failed.length === 1 ? failed[0] : `${plural(failed.length, 'channel')} failed. ${failed[0]}`, 'bad');
	return undefined;
}

/** The bar of actions on what is selected. */
export class BulkBar {
	#count = el('strong', { role: 'status' });
	#buttons = el('div', { class: 'bulk-act' });
	element = el('div', { class: 'bulk', role: 'group', 'aria-label': 'Actions on the selected channels', hidden: true }, this.#count, this.#buttons);

	/** @param {{selected: () => Channel[], selectAll: () => void, done: () => void}} list */
	constructor(list) {
		this.list = list;
		const start = button('play', 'Start'), stop = button('stop', 'Stop'), tag = button('tag', 'Tag…'), remove = button('trash', 'Delete…', { class: 'danger-quiet' });
		const all = button('', 'All', { class: 'quiet', 'aria-label': 'Select all that are shown' }), done = button('', 'Done', { class: 'quiet' });
		start.addEventListener('click', () => each(list.selected().filter(canStart), 'starting', (path) => request('POST', `${path}/start`)));
		stop.addEventListener('click', () => each(list.selected().filter(canStop), 'stopping', (path) => request('POST', `${path}/stop`)));
		tag.addEventListener('click', () => openTags(list.selected()));
		remove.addEventListener('click', () => this.#remove());
		all.addEventListener('click', () => list.selectAll());
		done.addEventListener('click', () => list.done());
		this.#buttons.append(start, stop, tag, remove, all, done);
	}

	/** @param {number} n how many are selected */
	update(n) {
		this.#count.textContent = n === 0 ? 'None selected' : `${n} selected`;
		for (const b of /** @type {NodeListOf<HTMLButtonElement>} */ (this.#buttons.querySelectorAll('button:not(.quiet)'))) b.disabled = n === 0;
	}

	async #remove() {
		const all = this.list.selected().filter(canDelete), on = all.filter(canStop).length;
		const text = on ? `${plural(on, 'channel')} on air will be stopped first: their receivers lose the stream.` : 'Their settings will be lost. The source files stay.';
		if (!(await confirm(`Delete ${plural(all.length, 'channel')}?`, text, on ? 'Stop and delete' : 'Delete'))) return;
		await each(all, 'deleted', (path) => request('DELETE', path));
	}
}

/** Sets or removes a tag of channels. @param {Channel[]} all */
function openTags(all) {
	const key = /** @type {HTMLInputElement} */ (el('input', { id: 'tag-key', list: 'tag-keys', maxlength: 128, autofocus: true, autocomplete: 'off' }));
	const value = /** @type {HTMLInputElement} */ (el('input', { id: 'tag-value', maxlength: 256, autocomplete: 'off' }));
	const known = [...new Set(all.flatMap((c) => Object.keys(c.tags ?? {})))].sort();
	const set = button('', 'Set', { class: 'primary', type: 'submit' }), remove = button('', 'Remove', { class: 'danger-quiet' }), cancel = button('', 'Cancel');
	const form = el('form', {},
		el('h2', { id: 'tag-title' }, `Tag ${plural(all.length, 'channel')}`),
		el('div', { class: 'pair' },
			el('div', { class: 'field' }, el('label', { for: 'tag-key' }, 'Key'), key, el('datalist', { id: 'tag-keys' }, known.map((k) => el('option', { value: k })))),
			el('div', { class: 'field' }, el('label', { for: 'tag-value' }, 'Value'), value)),
		el('p', { class: 'hint' }, 'Search finds channels by their tags. Remove takes the key away, whatever its value.'),
		el('div', { class: 'dialog-end' }, cancel, remove, set));
	const dialog = /** @type {HTMLDialogElement} */ (el('dialog', { class: 'prompt', 'aria-labelledby': 'tag-title' }, form));
	const send = (/** @type {any} */ body, /** @type {string} */ done) => {
		if (!key.value.trim()) return key.focus();
		dialog.close();
		return each(all, done, (path) => request('PUT', `${path}/tags`, body));
	};
	form.addEventListener('submit', (e) => {
		e.preventDefault();
		send({ set: { [key.value.trim()]: value.value.trim() } }, 'tagged');
	});
	remove.addEventListener('click', () => send({ remove: [key.value.trim()] }, 'changed'));
	cancel.addEventListener('click', () => dialog.close());
	openDialog(dialog, true);
}
