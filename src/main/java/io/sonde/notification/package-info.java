/** The one intake: whatever brings samples hands them to the notification agent of its node. */
package io.sonde.notification;
