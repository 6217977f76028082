/* Pieces of ZMTP as text for raw_say and RAW_EXPECT: the greetings and READY commands that hand-made peers begin with. */
#ifndef CAPI_TESTS_ZMTP_H
#define CAPI_TESTS_ZMTP_H

#define SIGNATURE "<ff><00*8><7f>"
#define GREETING_OF(major, minor, mechanism) SIGNATURE major minor mechanism "<00*32>"
#define NO_SECURITY "NULL<00*16>"
#define GREETING GREETING_OF ("<03>", "<01>", NO_SECURITY)
#define GREETING_3_0 GREETING_OF ("<03>", "<00>", NO_SECURITY)

/* READY with the socket type alone, for types of 3, 4 and 6 letters. */
#define READY_3(type) "<04><19><05>READY<0b>Socket-Type<00*3><03>" type
#define READY_4(type) "<04><1a><05>READY<0b>Socket-Type<00*3><04>" type
#define READY_6(type) "<04><1c><05>READY<0b>Socket-Type<00*3><06>" type

/* What libzmq sends for the types that announce an identity, here an empty one. */
#define READY_DEALER "<04><29><05>READY<0b>Socket-Type<00*3><06>DEALER<08>Identity<00*4>"

#endif
