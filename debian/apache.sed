# Makes conf-available/bwcallback.conf of apache/bwcallback-proxy.conf. a2enconf
# adds it to every virtual host, also those without TLS, so it refuses there.
1,/^# its path to/c\
# Bandwidth callbacks to bwcallback.service, with mod_proxy_fcgi:\
#\
#     a2enmod proxy_fcgi asis alias\
#     a2enconf bwcallback\
#     systemctl reload apache2\
#\
# This is for every virtual host with TLS. For only one, do not use a2enconf but\
# "Include conf-available/bwcallback.conf" in it. The paths here are those of\
# callbacks.xml: for a new section there, add its path to the two lines with all\
# paths.
0,/Require all granted/s|^ *Require all granted|\
    # A request without TLS gets a 403. If a load balancer in front of Apache\
    # ends TLS, replace this line by "Require all granted".\
    Require expr "%{HTTPS} == 'on'"|
