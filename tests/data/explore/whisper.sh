#!/bin/sh
echo '<Response><Redirect redirectUrl="/whisper/again"/></Response>'
