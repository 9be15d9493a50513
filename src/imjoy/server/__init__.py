"""The engine's face to the network: front door, logins, the web app's files and pages' sockets."""
