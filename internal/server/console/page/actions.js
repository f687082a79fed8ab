// Starting, stopping and deleting channels, and dialogs.
import { button, el, toast } from './dom.js';
import { request } from './store.js';

/** @typedef {import('./store.js').Channel} Channel */

/**
 * Sends a request that changes a channel, and shows the result. Resolves to whether it succeeded.
 * @param {string} method @param {string} path @param {string} done
 */
async function change(method, path, done) {
	try {
		await request(method, path);
		toast(done);
		return true;
	} catch (err) {
		toast(/** @type {Error} */ (err).message, 'bad');
		return false;
	}
}

/** @param {Channel} c */
export const start = (c) => change('POST', `/console/channels/${encodeURIComponent(c.id)}/start`, `${c.name} is starting`);

/** @param {Channel} c */
export const stop = (c) => change('POST', `/console/channels/${encodeURIComponent(c.id)}/stop`, `${c.name} is stopping`);

/** @param {Channel} c */
export const remove = (c) => change('DELETE', `/console/channels/${encodeURIComponent(c.id)}`, `${c.name} is being deleted`);

/** Whether a channel can be started. @param {Channel} c */
export const canStart = (c) => c.state === 'IDLE';

/** Whether a channel can be stopped. @param {Channel} c */
export const canStop = (c) => ['RUNNING', 'STARTING', 'RECOVERING'].includes(c.state);

/** Whether a channel can be deleted. @param {Channel} c */
export const canDelete = (c) => !['DELETING', 'DELETED', 'CREATING'].includes(c.state);

/**
 * Opens a dialog. When it closes, it is removed and the focus returns.
 * @param {HTMLDialogElement} dialog @param {boolean} [keep] a click beside it does not close it: something may be typed in it
 */
export function openDialog(dialog, keep = false) {
	const focused = /** @type {HTMLElement | null} */ (document.activeElement);
	dialog.addEventListener('close', () => {
		dialog.remove();
		if (focused?.isConnected) focused.focus();
	});
	// A click on the backdrop closes it, a drag out of the dialog does not.
	dialog.addEventListener('pointerdown', (e) => {
		if (e.target === dialog && !keep) dialog.close();
	});
	document.body.append(dialog);
	dialog.showModal();
}

/**
 * Asks a question whose answer may cost something; resolves to whether it is yes.
 * @param {string} title @param {string} text @param {string} yes what the button says
 * @returns {Promise<boolean>}
 */
export function confirm(title, text, yes) {
	const cancel = button('', 'Keep it', { value: 'no', autofocus: true });
	const accept = button('trash', yes, { class: 'danger', value: 'yes' });
	const dialog = /** @type {HTMLDialogElement} */ (el('dialog', { class: 'prompt', 'aria-labelledby': 'prompt-title', 'aria-describedby': 'prompt-text', role: 'alertdialog' },
		el('h2', { id: 'prompt-title' }, title),
		el('p', { id: 'prompt-text' }, text),
		el('div', { class: 'dialog-end' }, cancel, accept)));
	cancel.addEventListener('click', () => dialog.close('no'));
	accept.addEventListener('click', () => dialog.close('yes'));
	return new Promise((resolve) => {
		dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'));
		openDialog(dialog);
	});
}

/**
 * Asks whether to delete a channel; resolves to the answer.
 * @param {Channel} c
 */
export function confirmDelete(c) {
	const on = canStop(c);
	const text = on
		? 'It is on air and will be stopped first: its receivers lose the stream.'
		: 'Its settings will be lost. The source file stays.';
	return confirm(`Delete “${c.name}”?`, text, on ? 'Stop and delete' : 'Delete');
}
