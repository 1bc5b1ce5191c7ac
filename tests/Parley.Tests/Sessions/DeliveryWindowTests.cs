using Google.Protobuf;
using Parley.Hub.Sessions;
using Parley.Protocol.Wire;

namespace Parley.Tests.Sessions;

public sealed class DeliveryWindowTests
{
    private readonly DeliveryWindow _window = new();

    [Fact]
    public void Numbers_begin_at_one_and_are_never_given_twice()
    {
        var first = _window.Add(Of("a"), 0);
        _window.TryTake(first, out _);

        Assert.Equal((1UL, 2UL), (first, _window.Add(Of("b"), 0)));
    }

    [Fact]
    public void It_counts_what_is_open()
    {
        _window.Add(Of("abc"), 0);
        var number = _window.Add(Of("de"), 7);

        var isOpen = _window.TryTake(number, out var taken);

        Assert.True(isOpen);
        Assert.Equal(7, taken.Row);
        Assert.Equal((1, 3L), (_window.Count, _window.Bytes));
    }

    [Fact]
    public void A_second_acknowledgement_of_one_number_is_ignored()
    {
        var number = _window.Add(Of("a"), 0);
        _window.TryTake(number, out _);

        Assert.False(_window.TryTake(number, out _));
    }

    [Fact]
    public void What_is_left_comes_out_oldest_first()
    {
        var numbers = Enumerable.Range(0, 100).Select(index => _window.Add(Of($"{index}"), index)).ToList();
        _window.TryTake(numbers[50], out _);

        var left = _window.TakeAll();

        Assert.Equal(Enumerable.Range(0, 100).Where(index => index != 50).Select(index => (long)index), left.Select(item => item.Row));
        Assert.Equal((0, 0L), (_window.Count, _window.Bytes));
    }

    private static Envelope Of(string body) => new() { Body = ByteString.CopyFromUtf8(body) };
}
