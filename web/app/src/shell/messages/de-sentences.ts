/** What the rooms below the shell say, in German; `{…}` stands for what changes. */
import type { Messages } from "./index";

/** Of the card of a plugin. */
const card: Messages = {
  "In the background of this page, closed off from it.":
    "Im Hintergrund dieser Seite, abgeschlossen von ihr.",
  "In a hidden frame of this page, closed off from it.":
    "In einem verborgenen Rahmen dieser Seite, abgeschlossen von ihr.",
  "In a window of its own, closed off from the rest of the page.":
    "In einem eigenen Fenster, abgeschlossen vom Rest der Seite.",
  "In a Python process of its own on the computer of the engine.":
    "In einem eigenen Python-Prozess auf dem Rechner der Engine.",
  "In Python inside the browser, closed off from this page.":
    "In Python im Browser, abgeschlossen von dieser Seite.",
  "In Python inside the browser, in a window closed off from the page.":
    "In Python im Browser, in einem von der Seite abgeschlossenen Fenster.",
  "On a web page of its own, in a window closed off from the rest of the page.":
    "Auf einer eigenen Webseite, in einem vom Rest der Seite abgeschlossenen Fenster.",
  "Nowhere: it only brings other plugins along.": "Nirgends: es bringt nur andere Plugins mit.",
  "A Python engine.": "Eine Python-Engine.",
  'The environment "{name}".': 'Die Umgebung "{name}".',
  "The Python packages {names}.": "Die Python-Pakete {names}.",
  "The style sheet {url}.": "Die Formatvorlage {url}.",
  "The library {url}.": "Die Bibliothek {url}.",
  "The plugin {name}.": "Das Plugin {name}.",
  'The permission "{name}" of your browser.': 'Die Berechtigung "{name}" Ihres Browsers.',
  'The permission "{name}".': 'Die Berechtigung "{name}".',
  "The image that is open when you run it.": "Das Bild, das beim Start offen ist.",
  "All files and programs that you can use on the computer of the engine.":
    "Alle Dateien und Programme, die Sie auf dem Rechner der Engine benutzen können.",
  "The network of that computer.": "Das Netz dieses Rechners.",
  "No files, except those that you choose for it.": "Keine Dateien, außer denen, die Sie wählen.",
  "Other plugins that are installed here.": "Andere hier installierte Plugins.",
  "Any address on the internet that begins with https or wss.":
    "Jede Adresse im Internet, die mit https oder wss beginnt.",
  "On the internet only {hosts}.": "Im Internet nur {hosts}.",
  "No address on the internet.": "Keine Adresse im Internet.",
  "No Python engine is connected: it can be installed, and run once an engine is there.":
    "Keine Python-Engine ist verbunden: installieren geht, starten erst mit einer Engine.",
  'The requirement "{name}" is not known and left out.':
    'Die Anforderung "{name}" ist nicht bekannt und wird ausgelassen.',
  "{url} is not loaded over a safe connection.":
    "{url} wird nicht über eine sichere Verbindung geladen.",
  "Line {line}, column {column}: The {language} has a mistake: {message}. Correct the line.":
    "Zeile {line}, Spalte {column}: Im {language} ist ein Fehler: {message}. Berichtigen Sie die Zeile.",
  "Line {line}, column {column}: The {language} has a mistake: {message}.":
    "Zeile {line}, Spalte {column}: Im {language} ist ein Fehler: {message}.",
  "Line {line}: The {language} has a mistake: {message}. Correct the line.":
    "Zeile {line}: Im {language} ist ein Fehler: {message}. Berichtigen Sie die Zeile.",
  "Line {line}: The {language} has a mistake: {message}.":
    "Zeile {line}: Im {language} ist ein Fehler: {message}.",
  "The {language} has a mistake: {message}. Correct the line.":
    "Im {language} ist ein Fehler: {message}. Berichtigen Sie die Zeile.",
  "The {language} has a mistake: {message}.": "Im {language} ist ein Fehler: {message}.",
  "Correct the line.": "Berichtigen Sie die Zeile.",
  "Add the package that has the module {name} to the requirements of the plugin.":
    "Nehmen Sie das Paket mit dem Modul {name} in die Anforderungen des Plugins auf.",
  "Give the plugin the type web-python-window, in which it has a page.":
    "Geben Sie dem Plugin den Typ web-python-window, in dem es eine Seite hat.",
  "A worker has no page: give the plugin the type iframe or window.":
    "Ein Worker hat keine Seite: geben Sie dem Plugin den Typ iframe oder window.",
};

/** Of work, notices, questions, steps that can be taken back, and failures. */
const work: Messages = {
  "Installing {name}": "Installieren von {name}",
  "Starting {name}": "Starten von {name}",
  "Starting {name}: {step}": "Starten von {name}: {step}",
  Starting: "Beginnt",
  "Finding {name} again": "Wiederfinden von {name}",
  "Finding it again": "Wird wiedergefunden",
  "Running {name}": "Ausführen von {name}",
  Running: "Läuft",
  Resuming: "Geht weiter",
  "Setting up": "Wird eingerichtet",
  "Loading {name}": "Laden von {name}",
  "Loading {name}, which was installed before": "Laden von {name}, das schon installiert war",
  "Opening {name}": "Öffnen von {name}",
  "Opening {name} again": "Erneutes Öffnen von {name}",
  "Opening its window": "Das Fenster wird geöffnet",
  "Opening the workspace in {name}": "Öffnen des Arbeitsbereichs in {name}",
  "Opening the workspace of the address": "Öffnen des Arbeitsbereichs der Adresse",
  "Opening a shared plugin": "Öffnen eines geteilten Plugins",
  "Adding the repository {name}": "Hinzufügen der Quelle {name}",
  "Keeping what was open": "Was offen war, wird gespeichert",
  "Keeping the workspace {name}": "Speichern des Arbeitsbereichs {name}",
  "Fetching {name}": "Holen von {name}",
  Fetching: "Wird geholt",
  "Fetching Python for the browser": "Python für den Browser wird geholt",
  Reading: "Wird gelesen",
  "Reading the form": "Lesen des Formulars",
  "Reading the plugin file": "Lesen der Plugin-Datei",
  "Reading {name} from the engine": "Lesen von {name} von der Engine",
  "Sending {name} to the engine": "Senden von {name} an die Engine",
  "{width} x {height} pixels": "{width} x {height} Pixel",
  "{count} channels": "{count} Kanäle",
  "{count} slices": "{count} Ebenen",
  "{count} time points": "{count} Zeitpunkte",
  "axes {names}": "Achsen {names}",
  "with labels drawn over it": "mit Labels darüber",
  sample: "Beispiel",
  "result of {name}": "Ergebnis von {name}",
  "Sending the data": "Die Daten werden gesendet",
  "Receiving the result": "Das Ergebnis wird empfangen",
  "Showing the result": "Das Ergebnis wird gezeigt",
  "Writing {name}": "Schreiben von {name}",
  "Check the environment {key}": "Umgebung {key} prüfen",
  "Mend the environment {key}": "Umgebung {key} reparieren",
  "Make the environment {name}": "Umgebung {name} anlegen",
  "Try the environment {key} for {name}": "Umgebung {key} für {name} ausprobieren",
  "Update the packages of {name}": "Pakete von {name} erneuern",
  "Go back to the packages of {name} before": "Zurück zu den früheren Paketen von {name}",
  "{name} is installed.": "{name} ist installiert.",
  "The page was loaded again while it ran, and it could not be taken up again.":
    "Die Seite wurde neu geladen, während es lief, und es konnte nicht wieder aufgenommen werden.",
  "{name} is removed.": "{name} ist entfernt.",
  Stopping: "Wird angehalten",
  "{name} is written.": "{name} ist geschrieben.",
  "This browser keeps nothing for this page: workspaces, images and plugins are gone when you close it. Export a workspace to keep it.":
    "Dieser Browser bewahrt für diese Seite nichts auf: Arbeitsbereiche, Bilder und Plugins sind weg, wenn Sie sie schließen. Exportieren Sie einen Arbeitsbereich, um ihn zu behalten.",
  "The address has no valid JSON in {names}, which is left out.":
    "In der Adresse steht bei {names} kein gültiges JSON; das wird ausgelassen.",
  'The address asks for the page "{page}", which there is not here.':
    "Die Adresse verlangt die Seite „{page}“, die es hier nicht gibt.",
  "The address names no engine that can be opened.":
    "Die Adresse nennt keine Engine, die sich öffnen lässt.",
  "The address asks for {names}, which this version does not know.":
    "Die Adresse verlangt {names}; das kennt diese Version nicht.",
  '"{name}" was changed in another window. Your work here goes on as "{copy}"; nothing was overwritten.':
    "„{name}“ wurde in einem anderen Fenster geändert. Ihre Arbeit hier geht als „{copy}“ weiter; nichts wurde überschrieben.",
  '"{name}" was deleted in another window. Your work here goes on as "{copy}".':
    "„{name}“ wurde in einem anderen Fenster gelöscht. Ihre Arbeit hier geht als „{copy}“ weiter.",
  'Not everything of "{name}" could be opened: {missing}. Open images again from where they are; install plugins, then open the workspace again.':
    "Nicht alles aus „{name}“ ließ sich öffnen: {missing}. Öffnen Sie Bilder erneut von ihrem Ort; installieren Sie Plugins und öffnen Sie den Arbeitsbereich dann wieder.",
  '"{name}" was deleted in another window or browser. The list of workspaces can bring it back.':
    "„{name}“ wurde in einem anderen Fenster oder Browser gelöscht. Die Liste der Arbeitsbereiche kann ihn zurückbringen.",
  "The workspace that was open last is not in this browser. One that an engine keeps is in the list of workspaces when that engine is connected.":
    "Der zuletzt geöffnete Arbeitsbereich ist nicht in diesem Browser. Einer, den eine Engine aufbewahrt, steht in der Liste der Arbeitsbereiche, wenn diese Engine verbunden ist.",
  "{name} called api.{service} more than {most} times in {seconds} seconds, and is held back. Stop it in the list of plugins if it goes on.":
    "{name} hat api.{service} mehr als {most}-mal in {seconds} Sekunden aufgerufen und wird gebremst. Beenden Sie es in der Liste der Plugins, falls es so weitermacht.",
  "Remove {name}?": "{name} entfernen?",
  "{name} wants to remove the plugin {other}, with what it has kept.":
    "{name} möchte das Plugin {other} entfernen, mit allem, was es aufbewahrt hat.",
  "Start {name} again?": "{name} neu starten?",
  "{name} wants to end the plugin {other}, with what it is doing, and start it again.":
    "{name} möchte das Plugin {other} beenden, mit dem, was es gerade tut, und neu starten.",
  "Start again": "Neu starten",
  "Replace {name}?": "{name} ersetzen?",
  "There is a file of that name already: {path}": "Es gibt schon eine Datei dieses Namens: {path}",
  "Let {origin} use this workbench?": "Darf {origin} diese Werkbank benutzen?",
  "This workbench is shown inside a page of {origin}. That page wants to open windows and data here, run the plugins that are installed here, and read what they give. It is asked about only once.":
    "Diese Werkbank wird in einer Seite von {origin} gezeigt. Jene Seite möchte hier Fenster und Daten öffnen, die hier installierten Plugins ausführen und lesen, was sie liefern. Danach wird nur einmal gefragt.",
  "Open a page?": "Eine Seite öffnen?",
  "{name} wants to open {address}": "{name} möchte {address} öffnen",
  "Open a page of {origin}?": "Eine Seite von {origin} öffnen?",
  "{name} wants to show {address} in a window. The page then can do what plugins can, and is told what they send to it.":
    "{name} möchte {address} in einem Fenster zeigen. Die Seite kann dann, was Plugins können, und erfährt, was sie ihr senden.",
  "Remove a file of the engine?": "Eine Datei der Engine entfernen?",
  "{name} wants to remove {path} for good.": "{name} möchte {path} endgültig entfernen.",
  "Fetch a plugin?": "Ein Plugin holen?",
  "{name}, which may not reach every host, wants to install a plugin from {source}":
    "{name}, das nicht jeden Rechner erreichen darf, möchte ein Plugin von {source} installieren",
  Fetch: "Holen",
  "Let {name} read a file on the engine?": "Darf {name} eine Datei auf der Engine lesen?",
  "Let {name} write a file on the engine?": "Darf {name} eine Datei auf der Engine schreiben?",
  "{name} wants to read {path} on the computer of the engine.":
    "{name} möchte {path} auf dem Rechner der Engine lesen.",
  "{name} wants to write {path} on the computer of the engine.":
    "{name} möchte {path} auf dem Rechner der Engine schreiben.",
  "Let {name} run commands?": "Darf {name} Befehle ausführen?",
  "To make its environment, it runs on the computer of the engine, with all your rights:\n\n{commands}\n\nAgree only if you trust where the plugin comes from.":
    "Um seine Umgebung anzulegen, führt es auf dem Rechner der Engine mit allen Ihren Rechten aus:\n\n{commands}\n\nStimmen Sie nur zu, wenn Sie der Herkunft des Plugins trauen.",
  "Run {name} on the Python engine?": "{name} auf der Python-Engine ausführen?",
  "Run on the engine": "Auf der Engine ausführen",
  "Let {name} use this: {title}?": "Darf {name} das benutzen: {title}?",
  "Open {name}": "{name} öffnen",
  "Open with": "Öffnen mit",
  "Open the plugin file from this link?": "Die Plugin-Datei aus diesem Link öffnen?",
  "The link carries {file}, {count} lines. It opens in the editor, where you can read it; nothing of it runs before you run it, and then you are asked once more.":
    "Der Link enthält {file}, {count} Zeilen. Die Datei öffnet sich im Editor, wo Sie sie lesen können; nichts davon läuft, bevor Sie es starten, und dann werden Sie noch einmal gefragt.",
  "Open the page of another engine?": "Die Seite einer anderen Engine öffnen?",
  "This address belongs to the engine at {origin}, which has a page of its own. There it goes on; what is open here stays here.":
    "Diese Adresse gehört zur Engine auf {origin}, die eine eigene Seite hat. Dort geht es weiter; was hier offen ist, bleibt hier.",
  "Run {name}?": "{name} ausführen?",
  "The address that you opened wants to run {what}":
    "Die Adresse, die Sie geöffnet haben, möchte {what} ausführen",
  "Install the plugins of this workspace?": "Die Plugins dieses Arbeitsbereichs installieren?",
  "Use the versions of this workspace?": "Die Versionen dieses Arbeitsbereichs verwenden?",
  "Use those": "Diese verwenden",
  "Keep mine": "Meine behalten",
  "This workspace was made with {names}; here are {others}.":
    "Dieser Arbeitsbereich entstand mit {names}; hier sind {others}.",
  "Leave this workspace?": "Diesen Arbeitsbereich verlassen?",
  Leave: "Verlassen",
  Stay: "Bleiben",
  'The last changes of "{name}" could not be kept. Open it again before you close this page, or they are gone.':
    'Die letzten Änderungen von "{name}" konnten nicht gespeichert werden. Öffnen Sie ihn wieder, bevor Sie diese Seite schließen, sonst sind sie verloren.',
  "Open it again before you close this page: it comes back as you left it.":
    "Öffnen Sie ihn wieder, bevor Sie diese Seite schließen: er kommt zurück, wie Sie ihn verlassen haben.",
  'The last changes of "{name}" could not be kept, and may be gone when you come back.':
    "Die letzten Änderungen von „{name}“ konnten nicht aufbewahrt werden und sind vielleicht weg, wenn Sie zurückkommen.",
  '"{name}" is kept nowhere: what is in it will be gone.':
    "„{name}“ wird nirgends aufbewahrt: Was darin ist, wird weg sein.",
  'What {name} does began in the workspace "{workspace}"; its window opens in this one.':
    "Was {name} tut, begann im Arbeitsbereich „{workspace}“; sein Fenster öffnet sich in diesem.",
  '{step} is done. Its result is in the workspace "{name}".':
    "{step} ist fertig. Das Ergebnis ist im Arbeitsbereich „{name}“.",
  "Open it": "Öffnen",
  '{step} began in the workspace "{name}"; its result opens in this one.':
    "{step} begann im Arbeitsbereich „{name}“; das Ergebnis öffnet sich in diesem.",
  "The browser keeps no more for this page: its room is used up.":
    "Der Browser bewahrt für diese Seite nichts mehr auf: Ihr Platz ist verbraucht.",
  "Export the workspace as a file, then delete workspaces that you no longer need, or free space on the disk.":
    "Exportieren Sie den Arbeitsbereich als Datei und löschen Sie dann Arbeitsbereiche, die Sie nicht mehr brauchen, oder machen Sie auf der Platte Platz.",
  "This workspace was made with plugins that are not installed here: {names}.":
    "Dieser Arbeitsbereich entstand mit Plugins, die hier nicht installiert sind: {names}.",
  "About {name}": "Über {name}",
  "Log of {name}": "Protokoll von {name}",
  "What {name} showed here could not be kept.":
    "Was {name} hier zeigte, konnte nicht aufbewahrt werden.",
  "Change {field} of {plugin}": "{field} von {plugin} ändern",
  "Change {field} of {plugin}: {from} → {to}": "{field} von {plugin} ändern: {from} → {to}",
  "Move {name}": "{name} verschieben",
  "Undone: {step}": "Rückgängig gemacht: {step}",
  "Done again: {step}": "Wiederholt: {step}",
  "Close {name}": "{name} schließen",
  "Remove {name}": "{name} entfernen",
  "Replace {name}": "{name} ersetzen",
  "Correct the plugin file and install it again.":
    "Berichtigen Sie die Plugin-Datei und installieren Sie sie noch einmal.",
  "Read the log of the plugin, or change its settings and run it again.":
    "Lesen Sie das Protokoll des Plugins, oder ändern Sie seine Einstellungen und führen Sie es noch einmal aus.",
  "Start the plugin again; its log tells what happened last.":
    "Starten Sie das Plugin neu; sein Protokoll sagt, was zuletzt geschah.",
  "Correct the plugin file, or tell its author.":
    "Berichtigen Sie die Plugin-Datei, oder sagen Sie es ihrem Autor.",
  "Start the plugin again.": "Starten Sie das Plugin neu.",
  "Try again; if it happens again, stop the plugin and read its log.":
    "Versuchen Sie es noch einmal; geschieht es wieder, beenden Sie das Plugin und lesen Sie sein Protokoll.",
  "Run it again when you want the result.":
    "Führen Sie es noch einmal aus, wenn Sie das Ergebnis wollen.",
  "Ask the author of the plugin to export a function of this name.":
    "Bitten Sie den Autor des Plugins, eine Funktion dieses Namens zu exportieren.",
  "Sign in with the address that the engine printed.":
    "Melden Sie sich mit der Adresse an, die die Engine ausgegeben hat.",
  "Run it again.": "Führen Sie es noch einmal aus.",
  "Try again; if it happens again, tell the author.":
    "Versuchen Sie es noch einmal; geschieht es wieder, sagen Sie es dem Autor.",
  "Choose another operation of it.": "Wählen Sie eine andere Funktion davon.",
  "Check your connection and the address, then try again.":
    "Prüfen Sie Ihre Verbindung und die Adresse, und versuchen Sie es noch einmal.",
  "Check that the file is still there and can be read.":
    "Prüfen Sie, ob die Datei noch da ist und gelesen werden kann.",
  "Connect to the server and try again.":
    "Verbinden Sie sich mit dem Server und versuchen Sie es noch einmal.",
  "Install it first, or check the name.": "Installieren Sie es zuerst, oder prüfen Sie den Namen.",
  "Start it again; its log tells what happened last.":
    "Starten Sie es neu; sein Protokoll sagt, was zuletzt geschah.",
  "Start it again; the last lines of its log may tell why.":
    "Starten Sie es neu; die letzten Zeilen seines Protokolls sagen vielleicht, warum.",
};

export const sentences: Messages = { ...card, ...work };
