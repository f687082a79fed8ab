// Sets the theme that was chosen before the page is drawn, so that it does not flash.
{
	const chosen = localStorage.getItem('lilo-theme');
	if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
}
