using Parley.Client.Calls;

namespace Parley.Tests.Calls;

public sealed class CallLaneTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_is_lost_everything_arrives_once_and_in_order(int seed)
    {
        var random = new Random(seed);
        var (near, far) = (new CallLane(), new CallLane());
        for (var number = 0; number < 100; number++)
        {
            near.Say($"n{number}");
        }

        var heard = new List<string>();
        for (var round = 0; round < 1000 && near.Waiting(1).Count > 0; round++)
        {
            foreach (var (number, content) in near.Waiting(8))
            {
                if (random.Next(3) > 0 && far.Take(number))
                {
                    heard.Add(content);
                }
            }

            if (random.Next(3) > 0)
            {
                near.Acknowledge(far.Heard);
            }
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(static number => $"n{number}"), heard);
    }

    [Fact]
    public void What_waits_is_limited()
    {
        var lane = new CallLane();
        for (var number = 0; number < CallLane.MaxHeld; number++)
        {
            Assert.NotEqual(0, lane.Say("x"));
        }

        Assert.Equal(0, lane.Say("one more"));
    }
}
