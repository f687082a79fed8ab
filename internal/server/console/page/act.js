// What people do to channels.
import { button, el, toast } from './dom.js';
import { ask } from './store.js';

/** @typedef {import('./store.js').Channel} Channel */

/**
 * Does one thing to a channel, and says what came of it.
 * @param {string} method @param {string} path @param {string} done
 */
async function act(method, path, done) {
	try {
		await ask(method, path);
		toast(done);
		return true;
	} catch (err) {
		toast(/** @type {Error} */ (err).message, 'bad');
		return false;
	}
}

/** @param {Channel} c */
export const start = (c) => act('POST', `/console/channels/${encodeURIComponent(c.id)}/start`, `${c.name} starts`);

/** @param {Channel} c */
export const stop = (c) => act('POST', `/console/channels/${encodeURIComponent(c.id)}/stop`, `${c.name} stops`);

/** @param {Channel} c */
export const remove = (c) => act('DELETE', `/console/channels/${encodeURIComponent(c.id)}`, `${c.name} is deleted`);

/** Whether a channel can be started. @param {Channel} c */
export const startable = (c) => c.state === 'IDLE';

/** Whether a channel can be stopped. @param {Channel} c */
export const stoppable = (c) => ['RUNNING', 'STARTING', 'RECOVERING'].includes(c.state);

/** Whether a channel can be deleted. @param {Channel} c */
export const removable = (c) => !['DELETING', 'DELETED', 'CREATING'].includes(c.state);

/**
 * Opens a dialog; it is gone from the page once closed, and what had the focus has it again.
 * @param {HTMLDialogElement} dialog
 */
export function open(dialog) {
	const before = /** @type {HTMLElement | null} */ (document.activeElement);
	dialog.addEventListener('close', () => {
		dialog.remove();
		if (before?.isConnected) before.focus();
	});
	// A press on what lies behind closes it; one that began inside does not.
	dialog.addEventListener('pointerdown', (e) => {
		if (e.target === dialog) dialog.close();
	});
	document.body.append(dialog);
	dialog.showModal();
}

/**
 * Asks whether a channel is to be deleted; resolves to what was answered.
 * @param {Channel} c @returns {Promise<boolean>}
 */
export function confirmRemoval(c) {
	const on = stoppable(c);
	const text = on
		? 'It is on air. It will be stopped first: whoever receives it loses the stream.'
		: 'Its settings are gone then. The source file stays where it is.';
	const cancel = button('', 'Keep it', { value: 'no', autofocus: true });
	const go = button('trash', on ? 'Stop and delete' : 'Delete', { class: 'danger', value: 'yes' });
	const dialog = /** @type {HTMLDialogElement} */ (el('dialog', { class: 'ask', 'aria-labelledby': 'ask-title', 'aria-describedby': 'ask-text', role: 'alertdialog' },
		el('h2', { id: 'ask-title' }, `Delete “${c.name}”?`),
		el('p', { id: 'ask-text' }, text),
		el('div', { class: 'dialog-end' }, cancel, go)));
	cancel.addEventListener('click', () => dialog.close('no'));
	go.addEventListener('click', () => dialog.close('yes'));
	return new Promise((resolve) => {
		dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'));
		open(dialog);
	});
}
