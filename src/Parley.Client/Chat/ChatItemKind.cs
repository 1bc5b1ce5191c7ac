namespace Parley.Client.Chat;

/// <summary>What is said in a chat and must arrive.</summary>
public enum ChatItemKind
{
    /// <summary>A line of text.</summary>
    Message = 1,

    /// <summary>A file is offered: its name and size.</summary>
    Offer = 2,

    /// <summary>A file of the other end is wanted.</summary>
    Taken = 3,

    /// <summary>A file of the other end is not wanted.</summary>
    Declined = 4,
}
