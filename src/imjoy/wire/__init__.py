"""The bytes of WebSocket, Engine.IO and Socket.IO: bytes in, messages out, no input or output."""
