using Parley.Client.Responders;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Tests.Responders;

public sealed class RoutingTests
{
    [Theory]
    [InlineData(MessageType.Auto, ResponderTraits.Shell, MessageRoute.Respond)]
    [InlineData(MessageType.Command, ResponderTraits.Shell, MessageRoute.Respond)]
    [InlineData(MessageType.Text, ResponderTraits.Shell, MessageRoute.Print)]
    [InlineData(MessageType.File, ResponderTraits.Shell, MessageRoute.Save)]
    [InlineData(MessageType.Text, ResponderTraits.None, MessageRoute.Respond)]
    [InlineData(MessageType.File, ResponderTraits.None, MessageRoute.Respond)]
    [InlineData(MessageType.Auto, null, MessageRoute.Print)]
    [InlineData(MessageType.Text, null, MessageRoute.Print)]
    [InlineData(MessageType.File, null, MessageRoute.Save)]
    public void A_message_goes_where_its_type_may(MessageType type, ResponderTraits? responder, MessageRoute route)
    {
        Assert.Equal(route, MessageRouting.Decide(type, responder));
    }

    [Fact]
    public void A_command_without_a_responder_is_refused_with_the_flag_to_set()
    {
        var refusal = Assert.Throws<ParleyException>(() => MessageRouting.Decide(MessageType.Command, null));

        Assert.Equal(ErrorCode.ResponderMissing, refusal.Code);
        Assert.Contains("--exec", refusal.Message);
    }

    [Theory]
    [InlineData("", "acme.a", true)]
    [InlineData("", "other.a", false)]
    [InlineData("", "a", false)]
    [InlineData("a", "acme.a", true)]
    [InlineData("a", "acme.b", false)]
    [InlineData("other.a", "other.a", true)]
    [InlineData("other.a", "other.b", false)]
    [InlineData("other.*", "other.b", true)]
    [InlineData("other.*", "other2.b", false)]
    [InlineData("acme.*, other.a", "acme.z", true)]
    public void Senders_are_served_by_owner_or_by_name(string allow, string from, bool isServed)
    {
        var policy = SenderPolicy.Of("acme", allow.Split(',', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(isServed, policy.Allows(from));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("A b")]
    [InlineData("a.b.c")]
    public void A_list_entry_that_is_no_name_is_refused(string entry)
    {
        Assert.Throws<ParleyException>(() => SenderPolicy.Of("acme", [entry]));
    }

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\x\\y.txt", "y.txt")]
    [InlineData(".bashrc", "bashrc")]
    [InlineData("..", "file")]
    [InlineData("-rf", "_rf")]
    [InlineData("a\u001b[2Jb\u202ec:d", "a__2Jb_c_d")]
    [InlineData("Übung (1).txt", "Übung (1).txt")]
    [InlineData(null, "file")]
    public void A_foreign_file_name_becomes_plain(string? name, string plain)
    {
        Assert.Equal(plain, SafeFileName.From(name));
    }
}
