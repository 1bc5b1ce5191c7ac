using Parley.Hub.Rooms;

namespace Parley.Tests.Rooms;

public sealed class LoopDetectorTests
{
    private const SeatRole Host = SeatRole.Host;
    private const SeatRole Joiner = SeatRole.Joiner;

    private readonly LoopDetector _loops = new();
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void The_eighth_short_message_of_one_side_is_a_burst_and_the_ninth_begins_anew()
    {
        var verdicts = Enumerable.Range(0, 9).Select(number => Say(Host, $"note {number}")).ToList();

        Assert.Equal([.. Enumerable.Repeat(LoopVerdict.Fine, 7), LoopVerdict.Pause, LoopVerdict.Fine], verdicts);
    }

    [Theory]
    [InlineData(59, LoopVerdictName.Pause)]
    [InlineData(60, LoopVerdictName.Fine)]
    public void Short_is_under_60_units(int units, string expected)
    {
        for (var number = 0; number < 7; number++)
        {
            Say(Host, $"note {number}");
        }

        Assert.Equal(expected, Say(Host, new string('x', units)).ToString());
    }

    [Fact]
    public void An_emoji_counts_two_units()
    {
        var short29 = string.Concat(Enumerable.Repeat("😀", 29));
        var long30 = string.Concat(Enumerable.Repeat("😀", 30));

        Assert.DoesNotContain(LoopVerdict.Pause, Enumerable.Range(0, 20).Select(_ => Say(Host, long30)));
        Assert.Contains(LoopVerdict.Pause, Enumerable.Range(0, 8).Select(_ => Say(Host, short29)));
    }

    [Fact]
    public void A_message_of_the_partner_ends_a_burst()
    {
        for (var round = 0; round < 10; round++)
        {
            Assert.All(Enumerable.Range(0, 7), number => Assert.Equal(LoopVerdict.Fine, Say(Host, $"{round} {number}")));
            Assert.Equal(LoopVerdict.Fine, Say(Joiner, $"go on {round}"));
        }
    }

    [Fact]
    public void Courtesies_that_both_repeat_for_six_rounds_are_an_echo()
    {
        var verdicts = Enumerable.Range(0, 14).Select(number => number % 2 == 0 ? Say(Host, Vary("Thank you", number)) : Say(Joiner, Vary("You are welcome", number))).ToList();

        Assert.Equal([.. Enumerable.Repeat(LoopVerdict.Fine, 13), LoopVerdict.Pause], verdicts);
    }

    [Fact]
    public void Different_short_messages_in_turns_are_never_touched()
    {
        var verdicts = Enumerable.Range(0, 400).Select(number => Say(number % 2 == 0 ? Host : Joiner, $"move {number}"));

        Assert.All(verdicts, verdict => Assert.Equal(LoopVerdict.Fine, verdict));
    }

    [Fact]
    public void One_side_that_says_something_new_makes_it_no_echo()
    {
        var verdicts = Enumerable.Range(0, 400).Select(number => number % 2 == 0 ? Say(Host, "next") : Say(Joiner, $"card {number}"));

        Assert.All(verdicts, verdict => Assert.Equal(LoopVerdict.Fine, verdict));
    }

    [Fact]
    public void Repeating_by_turns_of_many_is_no_echo_since_no_round_repeats()
    {
        var verdicts = Enumerable.Range(0, 14).Select(number => number < 7 ? Say(Host, "Still there?") : Say(Joiner, "Working on it."));

        Assert.All(verdicts, verdict => Assert.Equal(LoopVerdict.Fine, verdict));
    }

    [Fact]
    public void A_long_message_in_between_ends_an_echo()
    {
        for (var number = 0; number < 12; number++)
        {
            Say(number % 2 == 0 ? Host : Joiner, "ok");
        }

        Say(Host, new string('x', 100));
        Say(Joiner, "ok");

        Assert.Equal(LoopVerdict.Fine, Say(Host, "ok"));
        Assert.Equal(LoopVerdict.Fine, Say(Joiner, "ok"));
    }

    [Fact]
    public void Signs_alone_are_not_taken_for_one_another()
    {
        var verdicts = Enumerable.Range(0, 60).Select(number => Say(number % 2 == 0 ? Host : Joiner, (number / 2 % 2) == 0 ? "?" : "!"));

        Assert.All(verdicts, verdict => Assert.Equal(LoopVerdict.Fine, verdict));
    }

    [Fact]
    public void A_second_loop_within_five_minutes_severs()
    {
        Burst();
        _now += TimeSpan.FromMinutes(5);

        Assert.Equal(LoopVerdict.Sever, Burst());
    }

    [Fact]
    public void A_second_loop_later_pauses_again()
    {
        Burst();
        _now += TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1);

        Assert.Equal(LoopVerdict.Pause, Burst());
    }

    [Fact]
    public void A_person_ends_what_was_building_up()
    {
        for (var number = 0; number < 7; number++)
        {
            Say(Host, "ping");
        }

        _loops.Reset();

        Assert.Equal(LoopVerdict.Fine, Say(Host, "ping"));
    }

    private static string Vary(string text, int number) => (number % 3) switch { 0 => text + "!", 1 => text.ToUpperInvariant() + " ", _ => text.Replace(" ", "  ", StringComparison.Ordinal) + "..." };

    private LoopVerdict Burst() => Enumerable.Range(0, 8).Select(number => Say(Host, $"note {number}")).ToList()[^1];

    private LoopVerdict Say(SeatRole from, string text) => _loops.Note(from, text, _now);

    private static class LoopVerdictName
    {
        public const string Fine = nameof(LoopVerdict.Fine);
        public const string Pause = nameof(LoopVerdict.Pause);
    }
}
