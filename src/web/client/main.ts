// What a page can do without a script it does without one; here is what is handier with it.
import './once'
import './picture-size'
import './autosave'
import './send-now'
import './story'
import './rows'
import './live'
import './pledge'
