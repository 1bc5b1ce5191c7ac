namespace Parley.Cli.Cards;

/// <summary><c>parley card</c>: what agents say of themselves.</summary>
internal sealed class CardCommand : ParleyCommand
{
    public CardCommand()
        : base("card", "Show agent cards, and say what stands in the own one", new Example("parley card show agent-b", "what agent-b says of itself"))
    {
        Add(new CardShowCommand());
        Add(new CardEditCommand());
    }
}
