#!/bin/sh
# Whoever wrote this thought of 1 to 9, but not of 0.
n=$(sed -n 's/.*"digits":"\([0-9]*\)".*/\1/p')
echo "<Response><Gather gatherUrl=\"/number\" maxDigits=\"${n:-9}\"><SpeakSentence>Please enter it.</SpeakSentence></Gather></Response>"
