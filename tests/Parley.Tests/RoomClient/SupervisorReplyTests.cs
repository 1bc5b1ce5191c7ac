using System.Text;
using Parley.Client.Rooms;
using Parley.Client.Rooms.Supervision;

namespace Parley.Tests.RoomClient;

public sealed class SupervisorReplyTests
{
    [Theory]
    [InlineData("done", "done [OVER]")]
    [InlineData("done [over]", "done [over]")]
    [InlineData("done [STANDBY]\n", "done [STANDBY]\n")]
    [InlineData("[OVER] said early", "[OVER] said early [OVER]")]
    public void A_missing_marker_is_added(string answer, string sent) => Assert.Equal(sent, SupervisorReply.Of(answer));

    [Theory]
    [InlineData("x", "[OVER]")]
    [InlineData("🙂", "[STANDBY]")]
    public void An_answer_that_is_too_long_is_cut_and_keeps_its_marker(string unit, string marker)
    {
        var answer = string.Concat(Enumerable.Repeat(unit, RoomMessage.MaxBytes)) + (marker == "[OVER]" ? string.Empty : " " + marker);

        var sent = SupervisorReply.Of(answer);

        Assert.InRange(Encoding.UTF8.GetByteCount(sent), RoomMessage.MaxBytes - 4, RoomMessage.MaxBytes);
        Assert.EndsWith("[cut: the answer was longer than a message may be] " + marker, sent);
        Assert.DoesNotContain('\uFFFD', sent);
    }

    [Fact]
    public void An_answer_of_just_the_limit_goes_as_it_is()
    {
        var answer = new string('x', RoomMessage.MaxBytes - " [OVER]".Length);

        Assert.Equal(answer + " [OVER]", SupervisorReply.Of(answer));
    }
}
