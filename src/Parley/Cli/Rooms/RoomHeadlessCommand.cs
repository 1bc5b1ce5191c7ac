using System.CommandLine;
using System.Text.Json;

namespace Parley.Cli.Rooms;

/// <summary><c>parley room headless</c>: sets the rule that agents ask nobody.</summary>
internal sealed class RoomHeadlessCommand : RoomSessionCommand
{
    private readonly Argument<bool> _value = new("true|false") { Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => true, Description = "Whether agents ask nobody" };

    public RoomHeadlessCommand()
        : base("headless", "Set the rule that agents ask nobody; for the room's creator and its host", new Example("parley room headless false", "people are there again"))
    {
        Add(_value);
        OnSeat(async (context, parsed, room, cancellationToken) =>
        {
            var isHeadless = parsed.GetValue(_value);
            await room.Door.SetHeadlessAsync(room.Token, isHeadless, cancellationToken);
            room.Session.Update(facts => facts with { Headless = isHeadless });
            if (context.IsJson)
            {
                context.Terminal.WriteJson(JsonSerializer.Serialize(new DoneJson(room.Session.Name, "set", isHeadless), RoomJson.Compact.DoneJson));
            }
            else
            {
                context.Terminal.WriteLine($"HEADLESS_SET: {(isHeadless ? "true" : "false")}");
            }

            return 0;
        });
    }
}
