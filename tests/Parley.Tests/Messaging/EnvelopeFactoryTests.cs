using Parley.Client.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Tests.Messaging;

public sealed class EnvelopeFactoryTests
{
    [Theory]
    [InlineData(1_000_000, false)]
    [InlineData(0, true)]
    public void A_reply_to_a_request_of_which_only_the_key_is_left_asks_the_hub_to_look(long acceptedAtMs, bool isResent)
    {
        var request = new Envelope { Id = "q", From = "acme.alice", AcceptedAtMs = acceptedAtMs };

        var reply = EnvelopeFactory.Reply(request, new Reply());

        Assert.Equal(("acme.alice", "q", isResent), (reply.To, reply.Correlation, reply.Resend));
    }
}
