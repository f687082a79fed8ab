// The page of a channel that there is not.
import { el, icon } from './dom.js';

export class MissingPage {
	title = 'No such channel';
	element;

	/** @param {string} id */
	constructor(id) {
		this.element = el('section', { class: 'welcome' },
			el('h1', { tabindex: -1 }, 'There is no such channel'),
			el('p', {}, 'No channel has the ID ', el('code', {}, id), '. It was deleted, or the link is wrong.'),
			el('a', { class: 'button primary', href: '#/' }, icon('back'), el('span', {}, 'All channels')));
	}

	mount() {}

	unmount() {}

	update() {}
}
