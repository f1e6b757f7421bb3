#!/bin/sh
echo '<Response><Gather gatherUrl="/account" maxDigits="4"><SpeakSentence>Please enter your PIN.</SpeakSentence></Gather></Response>'
